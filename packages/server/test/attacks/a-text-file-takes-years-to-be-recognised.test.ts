import { open, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { contentOf } from "../../src/library/containers/content.ts";
import { processorTimeOf } from "../support/processor-time.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** Processor time in which a file with this text is recognised; it is no archive. */
const timeOf = async (text: string): Promise<number> => {
  const file = path.join(await tempFolder(), "a.cbz");
  await writeFile(file, text);
  const handle = await open(file);
  try {
    expect(await contentOf(handle, text.length)).toMatchObject({ description: expect.any(String) });
    return await processorTimeOf(() => contentOf(handle, text.length));
  } finally {
    await handle.close();
  }
};

// So many that a search through all ways to group them takes seconds; 30 more would take centuries.
const COUNT = 26;

test.each([
  ["comments", "<!---->", ""],
  ["comments with spaces between", "<!-- --> ", ""],
  ["comments after a declaration", "<!---->", "<?xml version='1.0'?>"],
  ["declarations", "<?xml ?>", ""],
  ["beginnings of comments", "<!--", ""],
  ["spaces", " \n\t", ""],
])("%s without end cost as much as any other text of their size", async (_, part, start) => {
  const text = start + part.repeat(COUNT);
  const plain = await timeOf("x".repeat(text.length));
  expect(await timeOf(text)).toBeLessThan(20 * plain + 20_000);
});
