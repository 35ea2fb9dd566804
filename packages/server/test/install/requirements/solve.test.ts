import { type Namespace, toNamespace } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import {
  type Candidate,
  type Choices,
  needsOf,
  searchBudget,
  solve,
} from "../../../src/install/requirements/solve.ts";

/** By plugin and version, the ranges that it needs. */
type Offered = Record<string, Record<string, Record<string, string>>>;

const candidate = (name: string, version: string, plugins: Record<string, string> = {}): Candidate => ({
  ...{ namespace: toNamespace(name), version, registry: "REG_0000000001", isInstalled: false },
  requires: [{ plugins }],
});

/** @param installed the version of each installed plugin */
const choicesOf = (offered: Offered, installed: Record<string, string> = {}): Choices => {
  const of = (name: string, version: string) => candidate(name, version, offered[name]?.[version]);
  const present = Object.entries(installed).map(([name, version]) => ({
    ...of(name, version),
    isInstalled: true,
  }));
  return {
    hitagi: "1.2.0",
    candidates: async (name) => [
      ...present.filter(({ namespace }) => namespace === name),
      ...Object.keys(offered[name] ?? {})
        .reverse()
        .filter((version) => version !== installed[name])
        .map((version) => of(name, version)),
    ],
    refusal: async () => undefined,
    neededNow: (name: Namespace) => present.flatMap(needsOf).filter(({ namespace }) => namespace === name),
  };
};

/** What is put in place for a version of `app`, in order; or why nothing can be. */
const solved = async (
  needs: Record<string, string>,
  offered: Offered,
  installed?: Record<string, string>,
) => {
  const { problem, ...solution } = await solve(
    choicesOf(offered, installed),
    candidate("app", "1.0.0", needs),
  );
  if (problem) return problem;
  return "changes" in solution ? solution.changes.map((one) => `${one.namespace} ${one.version}`) : [];
};

describe("what an install needs", () => {
  test("is the newest version in the range, before the plugin itself", async () => {
    const offered = { tags: { "1.0.0": {}, "1.1.0": {}, "2.0.0": {} } };
    expect(await solved({ tags: "^1.0.0" }, offered)).toEqual(["tags 1.1.0", "app 1.0.0"]);
    expect(await solved({}, offered)).toEqual(["app 1.0.0"]);
  });

  test("stays as it is where it is installed and fits", async () => {
    const offered = { tags: { "1.0.0": {}, "1.1.0": {} } };
    expect(await solved({ tags: "^1.0.0" }, offered, { tags: "1.0.0" })).toEqual(["app 1.0.0"]);
    const upgraded = await solved({ tags: "^1.1.0" }, offered, { tags: "1.0.0" });
    expect(upgraded).toEqual(["tags 1.1.0", "app 1.0.0"]);
  });

  test("fits both ranges of a diamond, with an older version where the newest leads nowhere", async () => {
    const offered = {
      left: { "1.0.0": { base: "^1.0.0" }, "2.0.0": { base: "^2.0.0" } },
      right: { "1.0.0": { base: ">=1.0.0 <2.0.0" } },
      base: { "1.0.0": {}, "1.5.0": {}, "2.0.0": {} },
    };
    expect(await solved({ left: "*", right: "*" }, offered)).toEqual([
      "base 1.5.0",
      "left 1.0.0",
      "right 1.0.0",
      "app 1.0.0",
    ]);
  });

  test("may be a cycle", async () => {
    const offered = { tags: { "1.0.0": { app: "^1.0.0", login: "*" } }, login: { "1.0.0": { tags: "*" } } };
    const all = await solved({ tags: "*" }, offered);
    expect(all).toEqual(["login 1.0.0", "tags 1.0.0", "app 1.0.0"]);
    const other = { tags: { "1.0.0": { app: "^2.0.0" } } };
    expect(await solved({ tags: "*" }, other)).toMatchObject({ kind: "unmet", chosen: "1.0.0" });
  });
});

describe("there is no solution, and the first dead end is named", () => {
  test("where no version is in the range", async () => {
    const offered = { tags: { "1.0.0": {} } };
    const unmet = { kind: "unmet", need: { by: { namespace: "app" }, namespace: "tags", range: "^2.0.0" } };
    expect(await solved({ tags: "^2.0.0" }, offered)).toMatchObject(unmet);
    expect(await solved({ tags: "no range" }, offered)).toMatchObject({ kind: "unmet" });
    expect(await solved({ none: "*" }, offered)).toMatchObject({ kind: "unmet" });
  });

  test("where an installed plugin would lose what it needs", async () => {
    const offered = { tags: { "1.0.0": {}, "2.0.0": {} }, other: { "1.0.0": { tags: "^1.0.0" } } };
    const installed = { tags: "1.0.0", other: "1.0.0" };
    expect(await solved({ tags: "^2.0.0" }, offered, installed)).toMatchObject({
      kind: "broken",
      need: { by: { namespace: "other" }, range: "^1.0.0" },
      version: "2.0.0",
    });
  });

  test("where a version needs another Hitagi, unless an older one does not", async () => {
    const needing = (version: string, hitagi: string) => ({
      ...candidate("tags", version),
      requires: [{ hitagi }],
    });
    const choices = (versions: Candidate[]) => ({ ...choicesOf({}), candidates: async () => versions });
    const root = candidate("app", "1.0.0", { tags: "*" });
    const newer = needing("2.0.0", ">=2.0.0");
    expect(await solve(choices([newer]), root)).toMatchObject({
      problem: { kind: "hitagi", range: ">=2.0.0", candidate: { version: "2.0.0" } },
    });
    const fits = [newer, needing("1.0.0", "^1.0.0")];
    expect(await solve(choices(fits), root)).toMatchObject({ changes: [{ version: "1.0.0" }, {}] });
    expect(await solve(choices([]), needing("9.0.0", "<1.0.0"))).toMatchObject({
      problem: { kind: "hitagi" },
    });
  });

  test("within a bounded number of tries", async () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`1.${n}.0`, { never: "*" }]));
    const needs = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`p${n}`, "*"]));
    const offered = Object.fromEntries(
      Object.keys(needs).map((name, n) => [name, n === 11 ? many : { ...many, "1.0.0": {} }]),
    );
    expect(await solved(needs, offered)).toMatchObject({ kind: "unmet" });
  });
});

describe("what a keeper writes to keep the server busy", () => {
  const LEVELS = 30;
  const VERSIONS = 2000;

  /** Of each plugin the last two versions fit, and each needs the next plugin; the last one needs what no registry offers. */
  const maze = (onRead: () => void): Choices => ({
    ...choicesOf({}),
    candidates: async (name) => {
      const level = Number(name.slice(1));
      if (!(level < LEVELS)) return [];
      return Array.from({ length: VERSIONS }, (_, n) => {
        const version = n < VERSIONS - 2 ? `3.0.${n}` : `1.0.${n}`;
        const one = candidate(name, version, { [`p${level + 1}`]: "^1.0.0" });
        return Object.defineProperty(one, "version", {
          get: () => {
            onRead();
            return version;
          },
        });
      });
    },
  });

  test("ends, and other work gets its turn meanwhile", async () => {
    let [read, turns, isDone] = [0, 0, false];
    const turn = () => {
      turns++;
      if (!isDone) setImmediate(turn);
    };
    setImmediate(turn);
    const { problem } = await solve(
      maze(() => {
        read++;
      }),
      candidate("app", "1.0.0", { p0: "^1.0.0" }),
    );
    isDone = true;
    expect(problem).toMatchObject({ kind: "unmet" });
    expect(read).toBeLessThan(200_000);
    expect(turns).toBeGreaterThan(10);
  });

  test("shares the budget of the searches of one planning", async () => {
    let read = 0;
    const choices = maze(() => {
      read++;
    });
    const root = candidate("app", "1.0.0", { p0: "^1.0.0" });
    const budget = searchBudget();
    await solve(choices, root, budget);
    const alone = read;
    expect(await solve(choices, root, budget)).toMatchObject({ problem: { kind: "unmet" } });
    expect(read - alone).toBeLessThanOrEqual(1);
  });

  test("brings no more plugins than a preview shows", async () => {
    const chain = (length: number): Offered =>
      Object.fromEntries(
        Array.from({ length }, (_, n) => [
          `p${n}`,
          { "1.0.0": n + 1 < length ? { [`p${n + 1}`]: "*" } : {} } as Record<string, Record<string, string>>,
        ]),
      );
    expect(await solved({ p0: "*" }, chain(64))).toHaveLength(65);
    expect(await solved({ p0: "*" }, chain(65))).toMatchObject({ kind: "unmet", need: { namespace: "p64" } });
  });
});
