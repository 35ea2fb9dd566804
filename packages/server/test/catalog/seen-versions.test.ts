import { expect, test } from "vitest";
import { addSeen, findSeen, offeredLine } from "../../src/catalog/seen-versions.ts";

const NONE = Buffer.alloc(0);
const [A, B] = ["a".repeat(64), "b".repeat(64)];

test("a version keeps its first hash and time", () => {
  const first = addSeen(NONE, [offeredLine("echo", "1.0.0", A)], 100);
  const second =
    first && addSeen(first, [offeredLine("echo", "1.0.0", B), offeredLine("echo", "1.1.0", B)], 200);
  expect(second && findSeen(second, "echo", "1.0.0")).toEqual({ sha256: A, since: 100 });
  expect(second && findSeen(second, "echo", "1.1.0")).toEqual({ sha256: B, since: 200 });
});

test("nothing is written for versions that were seen", () => {
  const lines = addSeen(NONE, [offeredLine("echo", "1.0.0", A)], 100);
  expect(lines && addSeen(lines, [offeredLine("echo", "1.0.0", B)], 200)).toBeUndefined();
});

test("nothing is written where versions are gone or in another order", () => {
  const offered = ["1.0.0", "1.1.0", "1.2.0"].map((version) => offeredLine("echo", version, A));
  const lines = addSeen(NONE, offered, 100) ?? NONE;
  expect(addSeen(lines, offered.toReversed(), 200)).toBeUndefined();
  expect(addSeen(lines, offered.slice(1), 200)).toBeUndefined();
});

test("a version that is gone is remembered while another one comes", () => {
  const lines =
    addSeen(NONE, [offeredLine("echo", "1.0.0", A), offeredLine("echo", "1.1.0", A)], 100) ?? NONE;
  const more =
    addSeen(lines, [offeredLine("echo", "1.2.0", A), offeredLine("echo", "1.1.0", B)], 200) ?? NONE;
  expect(more.toString()).toBe(`echo\t1.2.0\t${A}\t200\necho\t1.1.0\t${A}\t100\necho\t1.0.0\t${A}\t100\n`);
});

test("the first of two lines of one version stays", () => {
  const twice = Buffer.from(`echo\t1.0.0\t${A}\t100\necho\t1.0.0\t${B}\t200\n`);
  const more =
    addSeen(twice, [offeredLine("echo", "1.1.0", A), offeredLine("echo", "1.0.0", A)], 300) ?? NONE;
  expect(findSeen(more, "echo", "1.0.0")).toEqual({ sha256: A, since: 100 });
});

test("a version is found by its whole name", () => {
  const offered = [offeredLine("my-echo", "1.0.0", A), offeredLine("echo", "1.0.0-rc.1", B)];
  const lines = addSeen(NONE, offered, 100) ?? NONE;
  expect(findSeen(lines, "echo", "1.0.0")).toBeUndefined();
  expect(findSeen(lines, "my-echo", "1.0.0")).toEqual({ sha256: A, since: 100 });
  expect(findSeen(NONE, "echo", "1.0.0")).toBeUndefined();
});

test("beyond the limit, versions that are no longer offered are forgotten", () => {
  const [first, second, third] = ["1.0.0", "1.1.0", "1.2.0"].map((version) =>
    offeredLine("echo", version, A),
  );
  const lines = addSeen(NONE, [first ?? "", second ?? ""], 100) ?? NONE;
  const more = addSeen(lines, [second ?? "", third ?? ""], 200, lines.length) ?? NONE;
  expect(["1.0.0", "1.1.0", "1.2.0"].map((version) => findSeen(more, "echo", version)?.since)).toEqual([
    undefined,
    100,
    200,
  ]);
});

test.each(["x\t7", `${A}\tx`, A, `${A}\t${"9".repeat(20)}`])("a corrupt line counts as none: %s", (rest) => {
  expect(findSeen(Buffer.from(`echo\t1.0.0\t${rest}\n`), "echo", "1.0.0")).toBeUndefined();
});
