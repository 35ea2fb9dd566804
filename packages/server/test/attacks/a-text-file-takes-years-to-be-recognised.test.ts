import { open, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { contentOf } from "../../src/library/containers/content.ts";
import { processorTimeOf } from "../support/processor-time.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** Processor time in which a file with this text is recognised, some times; it is no archive. */
const timeOf = async (text: string, times = 1): Promise<number> => {
  const file = path.join(await tempFolder(), "a.cbz");
  await writeFile(file, text);
  const handle = await open(file);
  try {
    expect(await contentOf(handle, text.length)).toMatchObject({ description: expect.any(String) });
    return await processorTimeOf(async () => {
      for (let n = 0; n < times; n++) await contentOf(handle, text.length);
    });
  } finally {
    await handle.close();
  }
};

// So many that a search through all ways to group them takes seconds; 30 more would take centuries.
const COUNT = 26;

/** The most that is looked at of a file, and a quarter of it. */
const [WHOLE, QUARTER] = [4096, 1024];
const TIMES = 20;

test.each([
  ["comments", "<!---->", ""],
  ["comments with spaces between", "<!-- --> ", ""],
  ["comments after a declaration", "<!---->", "<?xml version='1.0'?>"],
  ["declarations", "<?xml ?>", ""],
  ["beginnings of comments", "<!--", ""],
  ["spaces", " \n\t", ""],
])("the time to recognise %s without end grows with their size alone", async (_, part, start) => {
  const text = start + part.repeat(COUNT);
  const plain = await timeOf("x".repeat(text.length));
  expect(await timeOf(text)).toBeLessThan(20 * plain + 20_000);

  // Four times the text costs four times as much; 16 times where a pattern looks at each place again for each other.
  const partsOf = (size: number) => timeOf(start + part.repeat(Math.floor(size / part.length)), TIMES);
  const whole = await timeOf("x".repeat(WHOLE), TIMES);
  const [small, large] = [await partsOf(QUARTER), await partsOf(WHOLE)];
  expect(large).toBeLessThan(8 * Math.max(0, small - whole) + 3 * whole);
});
