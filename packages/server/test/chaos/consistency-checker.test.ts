import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ABSENT,
  checkReads,
  isAdmissible,
  type Read,
  type Register,
  type Write,
} from "../../chaos/consistency-checker.ts";

const BEFORE = Number.NEGATIVE_INFINITY;
const NEVER = Number.POSITIVE_INFINITY;

const write = (register: Register, value: string, begin: number, end: number, done = true): Write => ({
  register,
  values: [value],
  begin,
  end,
  done,
  by: `change to ${value}`,
});
const first = (register: Register, value: string): Write => write(register, value, BEFORE, BEFORE);
const read = (register: Register, value: string, begin: number, end: number): Read => ({
  register,
  value,
  begin,
  end,
  node: "node-1",
  by: "a call",
});

describe("each kind of violation is found", () => {
  test.each<[string, Write[], Read]>([
    ["old code", [first("version:a", "1"), write("version:a", "2", 10, 20)], read("version:a", "1", 21, 22)],
    [
      "not found after an install",
      [first("version:a", ABSENT), write("version:a", "1", 10, 20)],
      read("version:a", ABSENT, 20, 30),
    ],
    [
      "code after a removal",
      [first("version:a", "1"), write("version:a", ABSENT, 10, 20)],
      read("version:a", "1", 25, 30),
    ],
    ["old settings", [first("mark:a", "x"), write("mark:a", "y", 10, 20)], read("mark:a", "x", 21, 22)],
    [
      "old flags",
      [first("priority:a", "0"), write("priority:a", "7", 10, 20)],
      read("priority:a", "0", 21, 22),
    ],
    ["old index", [first("newest:a", "1"), write("newest:a", "2", 10, 20)], read("newest:a", "1", 21, 22)],
    ["never written", [first("version:a", "1")], read("version:a", "2", 1, 2)],
    [
      "never written",
      [first("version:a", "1"), write("version:a", "2", 10, 20)],
      read("version:a", "2", 1, 9),
    ],
    [
      "old code",
      // Neither a change that failed for good before the newer one, nor one of another plugin, is an excuse.
      [
        first("version:a", "0"),
        write("version:a", "1", 1, 5, false),
        write("version:b", "1", 30, 40),
        write("version:a", "2", 10, 20),
      ],
      read("version:a", "1", 21, 50),
    ],
  ])("%s", (kind, writes, wrong) => {
    const [found, ...others] = checkReads(writes, [wrong]);
    expect(found).toMatchObject({ kind, read: wrong });
    expect(others).toEqual([]);
  });

  test("a violation names the expected write", () => {
    const newest = write("version:a", "2", 10, 20);
    const [found] = checkReads([first("version:a", "1"), newest], [read("version:a", "1", 21, 22)]);
    expect(found?.expected).toEqual(newest);
  });
});

describe("consistent reads are no violations", () => {
  const writes = [first("version:a", "1"), write("version:a", "2", 10, 20)];
  test.each<[string, Write[], Read]>([
    ["the old while the change is under way", writes, read("version:a", "1", 19, 40)],
    ["the new while the change is under way", writes, read("version:a", "2", 5, 10)],
    ["the new afterwards", writes, read("version:a", "2", 21, 22)],
    [
      "either of two changes at once",
      [...writes, write("version:a", "3", 15, 30)],
      read("version:a", "2", 31, 32),
    ],
    [
      "what a change whose answer was lost may yet do",
      [first("version:a", "1"), write("version:a", "2", 1, NEVER, false), write("version:a", "3", 10, 20)],
      read("version:a", "2", 30, 31),
    ],
    [
      "what was before a change that may not have been made",
      [first("version:a", "1"), write("version:a", "2", 1, 5, false)],
      read("version:a", "1", 30, 31),
    ],
    [
      "a value that was set before and again since",
      [...writes, write("version:a", "1", 30, 40)],
      read("version:a", "1", 41, 42),
    ],
  ])("%s", (_, changes, right) => {
    expect(checkReads(changes, [right])).toEqual([]);
  });
});

/** A register that a single place keeps: each change takes effect, and each read looks, at one instant of its time. */
const honest = fc
  .array(
    fc.record({
      set: fc.option(fc.integer({ min: 0, max: 4 })),
      length: fc.integer({ min: 0, max: 9 }),
      at: fc.nat(9),
    }),
    {
      maxLength: 40,
    },
  )
  .map((steps) => {
    const instants = steps.map(({ set, length, at }, n) => ({
      set,
      instant: 10 * n + 5,
      begin: 10 * n + 5 - at,
      end: 10 * n + 5 + length,
    }));
    let value = "first";
    const writes: Write[] = [first("version:a", value)];
    const reads: Read[] = [];
    for (const { set, begin, end } of instants) {
      if (set === null) reads.push(read("version:a", value, begin, end));
      else {
        value = `${set}`;
        writes.push(write("version:a", value, begin, end));
      }
    }
    return { writes, reads };
  });

test("a regular register never has violations", () => {
  fc.assert(
    fc.property(honest, ({ writes, reads }) => {
      expect(checkReads(writes, reads)).toEqual([]);
    }),
  );
});

test("a later completed write only removes admissible values", () => {
  fc.assert(
    fc.property(honest, fc.nat(400), ({ writes, reads }, at) => {
      const more = [...writes, write("version:a", "another", at, at + 3)];
      for (const one of reads) if (isAdmissible(one, more)) expect(isAdmissible(one, writes)).toBe(true);
    }),
  );
});
