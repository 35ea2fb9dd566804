import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { table } from "../../src/cli/table.ts";
import { processorTime } from "../support/processor-time.ts";

const stream = { write: () => true, isTTY: false };
const io = { stdout: stream, stderr: stream, stdin: new PassThrough(), env: {}, cwd: "/" };

const linesOf = (count: number): string[] => {
  const rows = Array.from({ length: count }, (_, n) => ({ name: `plugin ${n}`, state: "ok" }));
  return table(io, { NAME: "name", STATE: "state" }, rows).map(({ coloured }) => coloured);
};

test("a long table is aligned from its first row to its last one, below one line of headings", () => {
  expect(linesOf(1001)).toEqual([
    "NAME         STATE",
    ...Array.from({ length: 1001 }, (_, n) => `${`plugin ${n}`.padEnd(13)}ok`),
  ]);
});

test("a table without rows has its headings", () => {
  expect(linesOf(0)).toEqual(["NAME  STATE"]);
});

test("a table of four times the rows takes about four times the time", () => {
  linesOf(1000);
  expect(processorTime(() => linesOf(8000)) / processorTime(() => linesOf(2000))).toBeLessThan(9);
});
