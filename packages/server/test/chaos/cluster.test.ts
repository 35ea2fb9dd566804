import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle } from "../../../../scripts/build.mjs";
import { describeViolations, hasFailed, violationsOf } from "../../chaos/report.ts";
import { type RunOptions, runSeed } from "../../chaos/run.ts";
import { withoutRedis } from "../support/redis.ts";

const root = path.resolve(import.meta.dirname, "../../../..");

let into: string;
/** The program as it is built for everybody, in a folder of its own. */
beforeAll(async () => {
  into = await mkdtemp(path.join(tmpdir(), "hitagi-program-"));
  await symlink(path.join(root, "node_modules"), path.join(into, "node_modules"), "junction");
  await bundle({ dev: false, into });
});
afterAll(() => rm(into, { recursive: true, force: true }));

const run = (options: Partial<RunOptions>) =>
  runSeed({
    seed: 1,
    program: path.join(into, "hitagi.js"),
    nodes: 3,
    operations: 12,
    callsPerSecond: 25,
    perEpisode: 4,
    mostAtOnce: 2,
    onFault: () => {},
    ...options,
  });

// `npm run cluster` does the same for longer, with all kinds of faults and many seeds.
describe.skipIf(withoutRedis)("three servers on one Redis", () => {
  test("give no stale answer and leave nothing behind during any fault", async () => {
    const faults = ["kill -9", "long pause", "node cut off", "Redis killed"] as const;
    // In this seed two happen at once each time, and the cut outlasts a lease.
    const result = await run({ seed: 373, faults });
    expect(describeViolations(result)).toEqual([]);
    expect(hasFailed(result)).toBe(false);
    expect([...result.measurements.faults.keys()].sort()).toEqual([...faults].sort());
    expect(result.operations).toBeGreaterThanOrEqual(12);
    expect(result.recorder.reads.length).toBeGreaterThan(200);
  });

  test("fail the check if a cache in front of one of them is never invalidated", async () => {
    const result = await run({ faults: [], operations: 25, staleNode: "node-2" });
    const wrongs = violationsOf(result);
    expect(hasFailed(result)).toBe(true);
    expect((wrongs.get("not found after an install") ?? 0) + (wrongs.get("old code") ?? 0)).toBeGreaterThan(
      0,
    );
    expect(result.readViolations.every(({ read }) => read.node === "node-2")).toBe(true);
  });
});
