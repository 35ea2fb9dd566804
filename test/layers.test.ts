import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import { beforeAll, expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "..");
const src = "packages/server/src";

/** The fenced block below "## Layers" of ARCHITECTURE.md: one layer a line from top to bottom, its rooms separated by spaces. */
const readLayers = (): string[][] => {
  const page = readFileSync(path.join(root, "ARCHITECTURE.md"), "utf8");
  const block = /^## Layers$[\s\S]*?^```\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? "";
  return block
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/ +/));
};

const layers = readLayers();
const level = new Map(layers.flatMap((rooms, index) => rooms.map((room) => [room, index] as const)));

/** Imports that break the rule, as `from -> to`. Remove a line when its import is gone; add none. */
const EXCEPTIONS: readonly string[] = [];

/** Import cycles between files, by the same rule. */
const CYCLES: readonly string[] = [];

/** A room is a folder of src, or a file that lies directly in src. */
const filesOf = (rooms: readonly string[]) => `^${src}/(${rooms.join("|")})(/|\\.ts$)`;

const mayImport = layers.flatMap((rooms, index) =>
  rooms.map((room) => ({
    name: `layer-of-${room}`,
    severity: "error" as const,
    from: { path: filesOf([room]) },
    to: { path: `^${src}/`, pathNot: filesOf([room, ...layers.slice(index + 1).flat()]) },
  })),
);
const noCycle = { name: "cycle", severity: "error" as const, from: {}, to: { circular: true } };
const noServer = {
  name: "contract-and-sdk-stand-alone",
  severity: "error" as const,
  from: { path: "^packages/(contract|sdk)/" },
  to: { path: "^packages/server/" },
};

let result: ICruiseResult;
beforeAll(async () => {
  const { output } = await cruise(["packages/contract/src", "packages/sdk/src", src], {
    baseDir: root,
    includeOnly: { path: "^packages/[^/]+/src/" },
    parser: "swc",
    tsPreCompilationDeps: true,
    validate: true,
    ruleSet: { forbidden: [...mayImport, noCycle, noServer] },
  });
  if (typeof output === "string") throw new Error(output);
  result = output;
});

const violations = (name: RegExp) =>
  result.summary.violations
    .filter(({ rule }) => name.test(rule.name))
    .map(({ from, to }) => `${from} -> ${to}`.replaceAll(`${src}/`, ""))
    .sort();

test("the imports of the server are read", () => {
  const dependencies = result.modules.flatMap((module) => module.dependencies);
  expect(dependencies.length).toBeGreaterThan(1500);
  expect(dependencies.filter(({ couldNotResolve }) => couldNotResolve)).toEqual([]);
});

test("ARCHITECTURE.md names every room of the server in one layer", () => {
  const rooms = readdirSync(path.join(root, src)).map((name) => name.replace(/\.ts$/, ""));
  expect([...level.keys()].sort()).toEqual(rooms.sort());
  expect(level.size).toBe(layers.flat().length);
});

test("every import leads to a lower layer or stays in its room", () => {
  expect(violations(/^layer-of-/)).toEqual(EXCEPTIONS);
});

test("there are no import cycles", () => {
  expect(violations(/^cycle$/)).toEqual(CYCLES);
});

test("the contract and the SDK do not import the server", () => {
  expect(violations(/^contract-and-sdk/)).toEqual([]);
});
