import { describe, expect, test } from "vitest";
import {
  checkLeniently,
  checkStrictly,
  inspectIndex,
  summarizeIndex,
} from "../../src/catalog/index-examine.ts";
import { largeIndex } from "../support/large-index.ts";

const version = (key: string, name = "P") => ({
  version: key,
  name,
  author: "me",
  description: "text",
  artifact: "p.ts",
  sha256: "0".repeat(64),
  published_at: "2026-01-01T00:00:00Z",
});

const indexOf = (plugins: Record<string, unknown>) =>
  Buffer.from(JSON.stringify({ version: 1, generated_at: "2026-01-01T00:00:00Z", plugins }));

const withVersions = (count: number) => {
  const versions = Array.from({ length: count }, (_, n) => [`${n}.0.0`, version(`${n}.0.0`)]);
  return indexOf({ p: { namespace: "p", type: "script", versions: Object.fromEntries(versions) } });
};

/** An index whose one entry has this many characters. */
const withLength = (length: number) => {
  const entry = (name: string) => ({
    namespace: "p",
    type: "script",
    versions: { "1.0.0": version("1.0.0", name) },
  });
  const empty = JSON.stringify(entry("")).length;
  return indexOf({ p: entry("n".repeat(length - empty)) });
};

const withBadPlugins = (count: number) =>
  indexOf(Object.fromEntries(Array.from({ length: count }, (_, n) => [`p${n}`, "not an entry".repeat(10)])));

describe("an entry", () => {
  test("has 2,000 versions at most", () => {
    expect(checkStrictly(withVersions(2000)).rows[0]?.summary.versions).toBe(2000);
    expect(() => checkStrictly(withVersions(2001))).toThrow(
      expect.objectContaining({
        code: "INDEX_INVALID",
        params: { path: "/plugins/p/versions", reason: "has more than 2000 versions" },
      }),
    );
  });

  test("has 1,048,576 characters at most, and is not parsed beyond that", () => {
    const tooLong = { path: "/plugins/p", reason: "has more than 1048576 characters" };
    expect(inspectIndex(withLength(1024 * 1024)).issues).not.toContainEqual(tooLong);
    expect(inspectIndex(withLength(1024 * 1024 + 1)).issues).toEqual([tooLong]);
  });
});

describe("a lenient check", () => {
  test("skips 10,000 entries at most, and lists the first 100", () => {
    const { skipped } = checkLeniently(withBadPlugins(10_000));
    expect(skipped.count).toBe(10_000);
    expect(skipped.list.map(({ path }) => path)).toEqual(
      Array.from({ length: 100 }, (_, n) => `/plugins/p${n}`),
    );
    expect(() => checkLeniently(withBadPlugins(10_001))).toThrow(
      expect.objectContaining({
        code: "INDEX_INVALID",
        params: { path: "/plugins", reason: "has more than 10000 bad entries" },
      }),
    );
  });
});

test("a summary lists the first 100 faults and counts all", () => {
  const { faults, faultCount, plugins } = summarizeIndex(withBadPlugins(101));
  expect(faults).toHaveLength(100);
  expect({ faultCount, plugins }).toEqual({ faultCount: 101, plugins: 0 });
  expect(summarizeIndex(withBadPlugins(10_001)).plugins).toBeUndefined();
});

test.each([
  ["300 characters", "k".repeat(300), `/plugins/${"k".repeat(300)}`],
  ["301 characters", "k".repeat(301), `/plugins/${"k".repeat(300)}…`],
])("a path shows of a key of %s 300 at most", (_, key, path) => {
  expect(inspectIndex(indexOf({ [key]: 7 })).issues.map((issue) => issue.path)).toEqual([path]);
});

test("a check tells which versions were not seen before", () => {
  const index = Buffer.from(JSON.stringify(largeIndex(2)));
  const offered = Object.values(largeIndex(2).plugins).flatMap(({ namespace, versions }) =>
    Object.values(versions).map((one) => `${namespace}\t${one.version}\t${one.sha256}\t100`),
  );
  const { seen } = checkStrictly(index, { seen: [], now: 100 });
  expect(seen).toMatchObject({ how: "add" });
  expect(seen?.lines.toString("latin1").split("\n").slice(0, -1).sort()).toEqual(offered.sort());
  expect(checkStrictly(index, { seen: [seen?.lines ?? Buffer.alloc(0)], now: 200 }).seen).toBeUndefined();
});
