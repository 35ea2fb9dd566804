import type { Namespace } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import {
  composeIndex,
  countKeys,
  originalIndex,
  parsePart,
  reportDuplicates,
  withoutByteOrderMark,
} from "../../src/catalog/index-text.ts";

const duplicatesOf = (text: string): [string, string][] => {
  const issues: [string, string][] = [];
  reportDuplicates(text, (path, reason) => issues.push([path, reason]));
  return issues;
};

const summaryOf = (namespace: Namespace) => ({
  namespace,
  type: "script" as const,
  version: "1.0.0",
  name: namespace,
  author: "me",
  description: "",
  published_at: "2026-01-01T00:00:00Z",
  versions: 1,
});

test("only a byte-order mark at the start is removed", () => {
  const mark = [0xef, 0xbb, 0xbf];
  expect([...withoutByteOrderMark(Buffer.from([...mark, ...mark, 1]))]).toEqual([...mark, 1]);
  for (const bytes of [[0xef, 0xbb], [0xef, 0xbb, 0xbe, 1], [1, ...mark], []]) {
    expect([...withoutByteOrderMark(Buffer.from(bytes))]).toEqual(bytes);
  }
});

describe("the error of a part that is not JSON", () => {
  test.each([
    ["line and column", '{\n  "version": 1,\n  oops\n}', "is not JSON at line 3, column 3"],
    ["the first column", "{\n}}", "is not JSON at line 2, column 2"],
    ["the end of the text", '{"version":', "is cut off: it ends too early"],
    ["the end within a text", '{"version": 1, "generated_at": "2026-0', "is cut off: it ends too early"],
    ["the end after a value", '{"version": 1, "plugins": {"a": 1}\n', "is cut off: it ends too early"],
    ["the end after a comma", '{"version": 1,', "is cut off: it ends too early"],
    ["the end within a number", '{"version": -', "is cut off: it ends too early"],
    ["the end within a word", '{"version": tr', "is cut off: it ends too early"],
    ["nothing", " \n", "is empty"],
    ["a web page", "\n<!-- 7 --><!DOCTYPE html><title>Sign in</title>", "is a web page (HTML)"],
    ["a web page without a doctype", "<html lang='en'>", "is a web page (HTML)"],
    ["no position if the parser gives none", "<xml>", "is not JSON"],
    ["no position in a valid whole", "{}", "is not JSON"],
  ])("has %s", (_, whole, reason) => {
    expect(() => parsePart("oops", whole)).toThrow(
      expect.objectContaining({ code: "INDEX_INVALID", params: { path: "/", reason } }),
    );
  });
});

test("keys are counted at all levels, and positions in arrays are not", () => {
  expect(countKeys({ a: 1, b: { c: null, d: [{ e: "x" }, [{ f: 2, g: [] }], 3] } })).toBe(7);
  for (const value of [null, undefined, "text", 7, [], {}, [[], "ab"]]) expect(countKeys(value)).toBe(0);
});

describe("a duplicate key", () => {
  test("is reported with its pointer, each time that it repeats", () => {
    expect(duplicatesOf('{"a":1,"a":{"x/y":[{"~":1,"~":2}]},"a":3,"b":4}')).toEqual([
      ["/a", "is a key that stands twice"],
      ["/a/x~1y/0/~0", "is a key that stands twice"],
      ["/a", "is a key that stands twice"],
    ]);
  });

  test("is one of the same object", () => {
    expect(duplicatesOf('{"a":{"b":{"a":1,"b":2},"a":3},"b":[{"a":1},{"a":1}]}')).toEqual([]);
  });
});

describe("the position of an entry", () => {
  test.each([
    ["ASCII", "ab"],
    ["other text", "é…🂡"],
  ])("counts bytes in %s", (_, word) => {
    const entries = [`{"n":"${word}"}`, "{}", `["${word}"]`];
    const text = `{"${word}":${entries[0]}, "b":${entries[1]} ,"${word}":${entries[2]}}`;
    let from = 0;
    const plugins = entries.map((entry, n) => {
      const start = text.indexOf(entry, from);
      from = start + entry.length;
      return { summary: summaryOf(`p${n}` as Namespace), entry: { start, end: from, colons: 0 } };
    });
    const { document, rows } = originalIndex(Buffer.from(text), text, plugins);
    expect(document.toString()).toBe(text);
    expect(rows.map(({ start, length }) => document.toString("utf8", start, start + length))).toEqual(
      entries,
    );
    expect(rows.map(({ summary }) => summary.namespace)).toEqual(["p0", "p1", "p2"]);
  });

  test("counts bytes in an index that is composed of entries and of other text", () => {
    const text = 'skipped{"n":"é"}skipped';
    const plugins = [
      { summary: summaryOf("a"), entry: { start: 7, end: 16, colons: 1 } },
      { summary: summaryOf("é"), entry: '{"m":"…"}' },
      { summary: summaryOf('"' as Namespace), entry: "{}" },
    ];
    const { document, rows } = composeIndex('2026"', text, plugins);
    expect(document.toString()).toBe(
      '{"version":1,"generated_at":"2026\\"","plugins":{"a":{"n":"é"},"é":{"m":"…"},"\\"":{}}}',
    );
    expect(
      rows.map(({ summary, start, length }) => [
        summary.namespace,
        document.toString("utf8", start, start + length),
      ]),
    ).toEqual([
      ["a", '{"n":"é"}'],
      ["é", '{"m":"…"}'],
      ['"', "{}"],
    ]);
    expect(composeIndex("2026", "", [])).toMatchObject({ rows: [] });
    expect(JSON.parse(composeIndex("2026", "", []).document.toString()).plugins).toEqual({});
  });
});
