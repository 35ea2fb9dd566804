import { open, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { contentOf } from "../../src/library/containers/content.ts";
import { processorTimeOf } from "../support/processor-time.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** What recognises a file with this text some times; it is no archive. */
const recognise = async (text: string, times: number): Promise<() => Promise<void>> => {
  const file = path.join(await tempFolder(), "a.cbz");
  await writeFile(file, text);
  const handle = await open(file);
  onTestFinished(() => handle.close());
  expect(await contentOf(handle, text.length)).toMatchObject({ description: expect.any(String) });
  return async () => {
    for (let n = 0; n < times; n++) await contentOf(handle, text.length);
  };
};

/** The least processor time for each text, measured in turns, so that a slow first run counts for none. */
const timesOf = async (texts: readonly string[], times = 1): Promise<number[]> => {
  const works = await Promise.all(texts.map((text) => recognise(text, times)));
  const least = texts.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++)
    for (const [n, work] of works.entries())
      least[n] = Math.min(least[n] as number, await processorTimeOf(work));
  return least;
};

// So many that a search through all ways to group them takes seconds; 30 more would take centuries.
const COUNT = 26;

/** The most that is looked at of a file, and a quarter of it. */
const [WHOLE, QUARTER] = [4096, 1024];
const [TIMES, ROUNDS] = [20, 5];

test.each([
  ["comments", "<!---->", ""],
  ["comments with spaces between", "<!-- --> ", ""],
  ["comments after a declaration", "<!---->", "<?xml version='1.0'?>"],
  ["declarations", "<?xml ?>", ""],
  ["beginnings of comments", "<!--", ""],
  ["spaces", " \n\t", ""],
])("the time to recognise %s without end grows with their size alone", async (_, part, start) => {
  const text = start + part.repeat(COUNT);
  const [plain, found] = await timesOf(["x".repeat(text.length), text]);
  expect(found).toBeLessThan(20 * Number(plain) + 20_000);

  // Four times the text costs four times as much; 16 times where a pattern looks at each place again for each other.
  const partsOf = (size: number) => start + part.repeat(Math.floor(size / part.length));
  const [whole, small, large] = await timesOf(["x".repeat(WHOLE), partsOf(QUARTER), partsOf(WHOLE)], TIMES);
  expect(large).toBeLessThan(8 * Math.max(0, Number(small) - Number(whole)) + 3 * Number(whole));
});
