import path from "node:path";
import { pino } from "pino";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createJobs } from "../../../src/jobs/jobs.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { bundleScript, startBundled } from "../../support/script.ts";
import { compose, foldersOf } from "../compose.ts";
import { harness, openWorld, sharedRuntime, snapshot } from "../install-world.ts";
import { startingPoint } from "../operations.ts";

const script = path.join(import.meta.dirname, "scripts/install-jobs.ts");
/** Milliseconds after its first install at which each server is killed. */
const KILLS = [0, 3, 11, 27, 41, 66];

describe.skipIf(withoutRedis)("a server on Redis that is killed while its jobs install", () => {
  const redis = sharedRedis();

  test("leaves every plugin whole, and the next server finishes its jobs, each once", async () => {
    const store = redis().address(2);
    const world = await openWorld(startingPoint, { store });
    const { data, registry } = world;
    await world.close();
    const bundle = await bundleScript(script);
    for (const ms of KILLS) {
      const server = startBundled(bundle, [harness, data, store, registry]);
      expect(await server.line()).toBe("busy");
      const began = performance.now();
      while (performance.now() - began < ms) await new Promise(setImmediate);
      await server.kill();
    }

    const parts = await compose(data, { runtime: sharedRuntime(), store });
    onTestFinished(() => parts.close());
    await parts.installer.recover();
    const runs = new Map<number, number>();
    const { jobs: kept, shared } = parts.store;
    const waiting = await kept.inStates("active", "inactive");
    expect(waiting.length).toBeGreaterThan(0);
    const jobs = createJobs({
      store: kept,
      claims: shared?.claims,
      concurrency: 1,
      log: pino({ level: "silent" }),
      pollMs: 20,
    });
    onTestFinished(() => jobs.stop(0));
    jobs.define({
      name: "install_plugin",
      repeatable: true,
      run: async ({ id }, [version]) => {
        runs.set(id, (runs.get(id) ?? 0) + 1);
        return (await parts.installer.install({ namespace: "echo", registry, version: String(version) }))
          .version;
      },
    });
    await jobs.start();
    await vi.waitFor(async () => expect(await kept.inStates("active", "inactive")).toEqual([]));

    for (const { id } of waiting) {
      const { state, result } = (await kept.get(id)) ?? {};
      const ended = runs.has(id)
        ? { state: "finished" }
        : { state: "failed", result: { code: "JOB_INTERRUPTED" } };
      expect({ state, result, runs: runs.get(id) ?? 0 }).toMatchObject({
        ...ended,
        runs: Number(runs.has(id)),
      });
    }
    const all = (await kept.list({}, 1, 1000)).items;
    expect(all.every(({ state }) => state === "finished" || state === "failed")).toBe(true);
    expect(Math.max(...all.map(({ retries }) => retries))).toBeLessThanOrEqual(3);
    const state = await snapshot({ ...parts, ...foldersOf(data) });
    expect(state).toMatchObject({ staging: [], journal: [] });
    const record = state.records.echo;
    expect(state.files).toEqual(record && { [record.path]: record.sha256 });
    expect([world.hashOf("echo", "1.0.0"), world.hashOf("echo", "2.0.0")]).toContain(record?.sha256);
  });
});
