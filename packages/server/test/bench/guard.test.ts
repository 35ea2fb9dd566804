import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { compare, comparisonOf } from "../../bench/compare.ts";
import { conclude, judge, readRatios, whyUndecided } from "../../bench/guard.ts";
import { counted, type Row } from "../../bench/measure.ts";
import { targets } from "../../bench/targets.ts";

const bench = path.join(import.meta.dirname, "../../bench");

const row = (id: string, ratio: number, spread: number): Row => ({
  ...{ id, name: id, unit: "ms", value: ratio, floor: 1 },
  ...{ ratio, spread },
});

test("a comparison has the median of the ratios of its pairs, and the distance of their quartiles", () => {
  const pairs = [1, 2, 3, 4, 5].map((n) => ({ value: 2 * n, floor: n }));
  expect(comparisonOf(pairs)).toEqual({ value: 6, floor: 3, ratio: 2, spread: 0, floorSpread: 2 / 3 });
  const uneven = [1, 2, 3, 4].map((value) => ({ value, floor: 1 }));
  expect(comparisonOf(uneven).spread).toBeCloseTo(2 / 3);
});

test("a comparison is made again while its spread is too large, and the one with the least spread counts", async () => {
  const values = [1, 9, 2, 5, 1, 2];
  const found = await compare(2, async (round) => ({ value: values[round] ?? 0, floor: 1 }), 3);
  expect(found).toMatchObject({ value: 2, ratio: 2 });
  const steady = await compare(2, async (round) => ({ value: round < 2 ? 7 : 0, floor: 1 }), 3);
  expect(steady.ratio).toBe(7);
});

test.each([
  ["list-30", 0.5, 0.6, 0.05, "ok"],
  ["list-30", 0.4, 0.6, 0.05, "lost"],
  ["list-30", 0.3, 0.6, 0.2, "noisy"],
  ["list-30", 0.9, 0.6, 0.05, "ok"],
  ["install", 1.5, 1.3, 0.05, "ok"],
  ["install", 1.8, 1.3, 0.05, "lost"],
  ["install", 1.0, 1.3, 0.05, "ok"],
  ["install", 1.8, undefined, 0.05, "new"],
])("%s at %f, with %f committed and a spread of %f, is %s", (id, ratio, committed, spread, verdict) => {
  const ratios = committed === undefined ? {} : { [id]: committed };
  expect(judge(row(id, ratio, spread), ratios).verdict).toBe(verdict);
});

test("a count has no spread, and is lost when it grows", () => {
  const commands = counted("commands-install", "commands", "commands", 90);
  expect(judge(commands, { "commands-install": 60 }).verdict).toBe("lost");
});

test("nothing is decided where other work takes the processors, or a floor varies", () => {
  const steady = [
    { ...row("call", 9, 0.05), floorSpread: 0.1 },
    counted("commands-install", "commands", "", 9),
  ];
  expect(whyUndecided(steady, 0.1)).toBeUndefined();
  expect(whyUndecided(steady, 0.5)).toBe("other work takes 50% of the processors");
  expect(whyUndecided([...steady, { ...row("list-30", 1, 0.05), floorSpread: 0.3 }], 0.1)).toBe(
    'the floor of "list-30" varies by 30%',
  );
});

test("rows that lost fail a run only where the measurement decides, and a person reads when it does not", () => {
  const lost = [judge(row("install", 1.8, 0.05), { install: 1.3 })];
  const again = "slower when measured again";
  expect(conclude(lost, again, undefined)).toEqual({ lines: [`${again}: install`], isLost: true });
  expect(conclude(lost, again, "other work takes 50% of the processors")).toEqual({
    lines: [`${again}: install`, "This decides nothing: other work takes 50% of the processors."],
    isLost: false,
  });
  expect(conclude([], again, undefined)).toEqual({ lines: [], isLost: false });
});

/** Rows that no quick run measures, without a committed ratio. */
const UNCOMMITTED = /^(?:beside-.*|size-.*|versions|readers|copy(?:-.*)?|commands-install-trips)$/;

test("every row of a quick run has a committed ratio, so that none passes as new", async () => {
  const committed = await readRatios(path.join(bench, "ratios.json"));
  const missing = Object.keys(targets).filter((id) => !(id in committed));
  expect(missing.filter((id) => !UNCOMMITTED.test(id))).toEqual([]);
});

test("every row has a target, every target a row, and every committed ratio both", async () => {
  const files = (await readdir(bench)).filter((name) => name.endsWith(".ts") && name !== "targets.ts");
  const sources = (await Promise.all(files.map((name) => readFile(path.join(bench, name), "utf8")))).join(
    "\n",
  );
  const rows = [...sources.matchAll(/(?:compared|counted)\(\s*(?:"([^"]+)"|`([^`]+)`)/g)].flatMap(
    ([, plain, pattern]) => plain ?? pattern ?? [],
  );
  const patterns = [
    ...rows,
    "refresh-memory",
    "commands-(list|use|search|registries|install|install-trips)",
    "size-start",
  ].map((text) => new RegExp(`^${text.replaceAll(/\$\{[^}]+\}/g, "\\w+")}$`));
  for (const id of Object.keys(targets))
    expect(
      patterns.some((one) => one.test(id)),
      id,
    ).toBe(true);
  for (const one of patterns)
    expect(
      Object.keys(targets).some((id) => one.test(id)),
      String(one),
    ).toBe(true);
  const committed = JSON.parse(await readFile(path.join(bench, "ratios.json"), "utf8"));
  for (const id of Object.keys(committed)) expect(targets, id).toHaveProperty([id]);
});
