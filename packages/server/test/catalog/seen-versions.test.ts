import { expect, test } from "vitest";
import { createSeenComparison, findSeen, type SeenChange } from "../../src/catalog/seen-versions.ts";

const NONE = Buffer.alloc(0);
const [A, B] = ["a".repeat(64), "b".repeat(64)];

type Offered = [namespace: string, version: string, sha256: string];

const change = (seen: Buffer, offered: Offered[], now: number, maxBytes?: number): SeenChange | undefined => {
  const comparison = createSeenComparison(seen, now, maxBytes === undefined ? {} : { maxBytes });
  for (const one of offered) comparison.offer(...one);
  return comparison.change();
};
/** The lines after an index. */
const after = (seen: Buffer, offered: Offered[], now: number, maxBytes?: number): Buffer => {
  const { how, lines = NONE } = change(seen, offered, now, maxBytes) ?? {};
  return how === "replace" ? lines : Buffer.concat([seen, lines]);
};
const find = async (seen: Buffer, version: string) =>
  (await findSeen([seen], "echo", version)).map(({ version: found, sha256, since }) => [
    found,
    sha256,
    since,
  ]);

test("a version keeps its first hash and time", async () => {
  const first = after(NONE, [["echo", "1.0.0", A]], 100);
  const second = after(
    first,
    [
      ["echo", "1.0.0", B],
      ["echo", "1.1.0", B],
    ],
    200,
  );
  expect(await find(second, "1.0.0")).toEqual([["1.0.0", A, 100]]);
  expect(await find(second, "1.1.0")).toEqual([["1.1.0", B, 200]]);
});

const THREE = ["1.0.0", "1.1.0", "1.2.0"].map((version): Offered => ["echo", version, A]);

test.each<[string, Offered[]]>([
  ["the same", THREE],
  ["other bytes", [["echo", "1.0.0", B]]],
  ["another order", THREE.toReversed()],
  ["fewer", THREE.slice(1)],
  ["none", []],
])("nothing is written for seen versions: %s", (_, offered) => {
  expect(change(after(NONE, THREE, 100), offered, 200)).toBeUndefined();
});

test.each([0, 1, 2, 3])("only the line of a new version is added, at place %i of the index", (place) => {
  const offered = THREE.toSpliced(place, 0, ["echo", "1.0.5", B]);
  const added = change(after(NONE, THREE, 100), offered, 200);
  expect([added?.how, added?.lines.toString()]).toEqual(["add", `echo\t1.0.5\t${B}\t200\n`]);
});

test("a version that is gone is remembered while another one comes", () => {
  const lines = after(NONE, THREE.slice(0, 2), 100);
  const more = after(
    lines,
    [
      ["echo", "1.2.0", A],
      ["echo", "1.1.0", B],
    ],
    200,
  );
  expect(more.toString()).toBe(`echo\t1.0.0\t${A}\t100\necho\t1.1.0\t${A}\t100\necho\t1.2.0\t${A}\t200\n`);
});

test("the first of two lines of one version counts", async () => {
  const twice = Buffer.from(`echo\t1.0.0\t${A}\t100\necho\t1.0.0\t${B}\t200\n`);
  const offered: Offered[] = [
    ["echo", "1.1.0", A],
    ["echo", "1.0.0", A],
  ];
  expect(await find(after(twice, offered, 300), "1.0.0")).toEqual([["1.0.0", A, 100]]);
  expect(await find(after(twice, offered, 300, 300), "1.0.0")).toEqual([["1.0.0", A, 100]]);
});

test("a version is found by its whole name, with those that differ in build metadata only", async () => {
  const offered: Offered[] = [
    ["my-echo", "1.0.0", A],
    ["echo", "1.0.0-rc.1", B],
    ["echo", "1.0.01", B],
    ["echo", "1.0.0+x", B],
    ["echo", "1.0.0", A],
    ["echo", "1.0.0-rc.1+x.y", A],
  ];
  const lines = after(NONE, offered, 100);
  expect((await find(lines, "1.0.0")).map(([version]) => version)).toEqual(["1.0.0+x", "1.0.0"]);
  expect((await find(lines, "1.0.0+y")).map(([version]) => version)).toEqual(["1.0.0+x", "1.0.0"]);
  expect((await find(lines, "1.0.0-rc.1")).map(([version]) => version)).toEqual([
    "1.0.0-rc.1",
    "1.0.0-rc.1+x.y",
  ]);
  expect(await find(NONE, "1.0.0")).toEqual([]);
});

test("a version is found in each piece, and across the parts in which a piece is searched", async () => {
  const filler = Buffer.from(`${"x".repeat(1024 * 1024 - 40)}\n`);
  const line = Buffer.from(`echo\t1.0.0\t${A}\t100\n`);
  const other = Buffer.from(`echo\t1.0.0+x\t${B}\t200\n`);
  const found = await findSeen([Buffer.concat([filler, line, filler]), other], "echo", "1.0.0");
  expect(found.map(({ version }) => version)).toEqual(["1.0.0", "1.0.0+x"]);
});

test("a long search gives other work its turn at every megabyte", async () => {
  const seen = Buffer.alloc(16 * 1024 * 1024, `other\t1.0.0\t${A}\t100\n`);
  let [turns, going] = [0, true];
  const turn = () => {
    turns += 1;
    if (going) setImmediate(turn);
  };
  setImmediate(turn);
  expect(await find(seen, "1.0.0")).toEqual([]);
  going = false;
  expect(turns).toBeGreaterThanOrEqual(16);
});

test("beyond the limit, versions that are no longer offered are forgotten", async () => {
  const lines = after(NONE, THREE.slice(0, 2), 100);
  const replaced = change(lines, THREE.slice(1), 200, lines.length);
  expect(replaced?.how).toBe("replace");
  expect(replaced?.lines.toString()).toBe(`echo\t1.1.0\t${A}\t100\necho\t1.2.0\t${A}\t200\n`);
});

test("of the versions that an unsigned registry no longer offers, the latest 100,000 are remembered", () => {
  const gone = (count: number): Offered[] =>
    Array.from({ length: count }, (_, n): Offered => ["gone", `0.0.${n}`, A]);
  const offered: Offered[] = [["echo", "1.0.0", A]];
  expect(change(after(NONE, gone(100_000), 100), offered, 200)?.how).toBe("add");

  const replaced = change(after(NONE, gone(100_001), 100), offered, 200);
  expect(replaced?.how).toBe("replace");
  const lines = replaced?.lines.toString().split("\n") ?? [];
  expect(lines).toHaveLength(100_002);
  expect(lines.slice(0, 2)).toEqual([`echo\t1.0.0\t${A}\t200`, `gone\t0.0.1\t${A}\t100`]);
});

test.each(["x\t7", `${A}\tx`, A, `${A}\t${"9".repeat(20)}`])(
  "a corrupt line counts as none: %s",
  async (rest) => {
    expect(await find(Buffer.from(`echo\t1.0.0\t${rest}\n`), "1.0.0")).toEqual([]);
  },
);
