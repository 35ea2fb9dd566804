import path from "node:path";
import { pino } from "pino";
import { expect, onTestFinished, test, vi } from "vitest";
import { createJobs } from "../../src/jobs/jobs.ts";
import { openStore } from "../../src/store/store.ts";
import type { JobRecord } from "../../src/store/types.ts";
import { createEnqueue } from "../../src/tasks/enqueue.ts";
import { defineTasks } from "../../src/tasks/tasks.ts";
import { openPlugins } from "../plugins/open-plugins.ts";
import { pluginSource } from "../plugins/plugin-source.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { tempFolder } from "../support/temp-folder.ts";

const slow = pluginSource({ namespace: "slow", type: "script", cooldown: 86_400 }, "return 1;");
const quick = pluginSource({ namespace: "quick", type: "script" }, "return 2;");

/** A server's jobs, two at once, on a store. */
const setup = async (address: string) => {
  const open = await openPlugins();
  await open.sideload(slow, quick);
  const { plugins } = open;
  const start = async () => {
    const store = await openStore(address);
    const jobs = createJobs({
      store: store.jobs,
      claims: store.shared?.claims,
      concurrency: 2,
      claimMs: 60_000,
      pollMs: 50,
      log: pino({ level: "silent" }),
    });
    const enqueue = createEnqueue({ plugins, jobs });
    const unused = async (): Promise<never> => {
      throw new Error("this test installs nothing");
    };
    const categories = { add: unused };
    const installer = { install: unused, upgrade: unused };
    const others = { refreshAll: () => unused, deliver: unused, lockfiles: { sync: unused } };
    defineTasks({ jobs, installer, plugins, enqueue, categories, ...others });
    await jobs.start();
    let stopped: Promise<void> | undefined;
    const stop = () => {
      stopped ??= jobs.stop(0).then(() => store.close());
      return stopped;
    };
    onTestFinished(stop);
    const run = (namespace: string) => enqueue.runPlugin({ namespace, archive: undefined, arg: undefined });
    const ended = (id: number): Promise<JobRecord> =>
      vi.waitFor(async () => {
        const job = await jobs.get(id);
        expect(job.finished).not.toBeNull();
        return job;
      });
    const waits = (id: number) =>
      vi.waitFor(async () => expect((await jobs.get(id)).notes).toMatchObject({ waits: "yes" }));
    return { jobs, run, ended, waits, stop };
  };
  return { ...open, start };
};

const redis = sharedRedis();
let databases = 0;
const stores = [
  ["SQLite", async () => `sqlite:${path.join(await tempFolder(), "hitagi.db")}`],
  ...(withoutRedis ? [] : [["Redis", async () => redis().address(databases++)] as const]),
] as const;

test.each(stores)("on %s: its runs wait outside, and other jobs run", async (_, address) => {
  const { start } = await setup(await address());
  const { jobs, run, ended, waits } = await start();
  await ended(await run("slow"));
  const waiting = [await run("slow"), await run("slow"), await run("slow")];
  for (const id of waiting) await waits(id);
  expect((await ended(await run("quick"))).result).toMatchObject({ success: 1 });
  for (const id of waiting) expect(await jobs.cancel(id)).toBe(true);
  for (const id of waiting) expect(await ended(id)).toMatchObject({ state: "failed" });
});

test.each(stores)("on %s: runs that wait are not lost by a stop", async (_, address) => {
  const { start } = await setup(await address());
  const first = await start();
  await first.ended(await first.run("slow"));
  const id = await first.run("slow");
  await first.waits(id);
  await first.stop();
  const second = await start();
  await second.waits(id);
  expect((await second.jobs.get(id)).state).toBe("active");
});

test("a cooldown of more than an hour is an hour", async () => {
  const { plugins } = await setup(`sqlite:${path.join(await tempFolder(), "hitagi.db")}`);
  expect(plugins.list("script").find(({ namespace }) => namespace === "slow")?.cooldown).toBe(3600);
});
