import { setTimeout as sleep } from "node:timers/promises";
import { SERVER_ACTOR } from "@hitagi/contract";
import { expect, test, vi } from "vitest";
import { Delayed, isDelayed, isPausing } from "../../src/jobs/delayed.ts";
import type { JobContext, Jobs } from "../../src/jobs/types.ts";
import { detailOf } from "../../src/jobs/wire.ts";
import { gate } from "../support/gate.ts";
import { ended, jobsOn, newDatabase, newJobs, onEachStore, openedStore } from "./job-runner.ts";

const HOUR = 3600;
const seconds = (): number => Date.now() / 1000;

/** Defines a task that is delayed the first time that it runs. @returns what it found as its checkpoint in each run */
const delayedOnce = (jobs: Jobs, until: () => number, isRepeatable = false): unknown[] => {
  const found: unknown[] = [];
  jobs.define({
    name: "t",
    repeatable: isRepeatable,
    run: async ({ checkpoint, keep }: JobContext) => {
      found.push(checkpoint ?? null);
      if (checkpoint !== undefined && checkpoint !== null) return { success: 1, error: null };
      if (found.length > 1) return "resumed";
      await keep({ at: 5 });
      return new Delayed(until());
    },
  });
  return found;
};

const waiting = async (jobs: Jobs, id: number) =>
  vi.waitFor(async () => {
    const job = await jobs.get(id);
    if (job.state !== "inactive" || job.delayed === undefined) throw new Error(`it is ${job.state}`);
    return job;
  });

onEachStore(() => {
  test("a job that is delayed waits, and goes on by itself where it was", async () => {
    const { jobs } = await newJobs();
    const found = delayedOnce(jobs, () => seconds() + 0.3);
    await jobs.start();
    const id = await jobs.enqueue("t", []);
    expect((await ended(jobs, id)).result).toEqual({ success: 1, error: null });
    expect(found).toEqual([null, { at: 5 }]);
  });

  test("it leaves its place to others, says until when it waits, and goes on when it is resumed", async () => {
    const { jobs } = await newJobs({ concurrency: 1 });
    const until = seconds() + HOUR;
    const found = delayedOnce(jobs, () => until);
    jobs.define({ name: "other", repeatable: true, run: async () => "done" });
    await jobs.start();
    const id = await jobs.enqueue("t", []);
    const job = await waiting(jobs, id);
    expect(detailOf(job, seconds())).toMatchObject({
      state: "inactive",
      started: null,
      attempts: 1,
      retries: 0,
    });
    expect(Number(detailOf(job, seconds()).delayed)).toBeCloseTo(until, 2);
    expect((await ended(jobs, await jobs.enqueue("other", []))).result).toBe("done");
    expect(found).toEqual([null]);
    expect(await jobs.resume(id)).toBe(true);
    expect((await ended(jobs, id)).result).toBe("resumed");
    expect(found).toEqual([null, null]);
    expect(await jobs.resume(id)).toBe(false);
  });

  test("it counts from its first start when it goes on", async () => {
    const { jobs, store } = await newJobs();
    delayedOnce(jobs, () => seconds() + HOUR);
    await jobs.start();
    const id = await jobs.enqueue("t", []);
    const { started } = await waiting(jobs, id);
    expect(started).toEqual(expect.any(Number));
    await jobs.resume(id);
    await ended(jobs, id);
    expect((await store.jobs.get(id))?.started).toBe(started);
  });

  test("it survives a restart with its place and its time", async () => {
    const address = await newDatabase();
    const first = jobsOn(await openedStore(address));
    const until = seconds() + HOUR;
    delayedOnce(first, () => until);
    await first.start();
    const id = await first.enqueue("t", []);
    await waiting(first, id);
    await first.stop(0);
    const second = jobsOn(await openedStore(address));
    const found: unknown[] = [];
    second.define({
      name: "t",
      repeatable: true,
      run: async ({ checkpoint }) => void found.push(checkpoint ?? null),
    });
    await second.start();
    expect((await waiting(second, id)).delayed).toBeCloseTo(until, 2);
    expect((await second.get(id)).checkpoint).toEqual({ at: 5 });
    expect(found).toEqual([]);
    expect(await second.resume(id)).toBe(true);
    await ended(second, id);
    expect(found).toEqual([null]);
  });

  test("it can be cancelled while it waits", async () => {
    const { jobs, store } = await newJobs();
    const found = delayedOnce(jobs, () => seconds() + HOUR);
    await jobs.start();
    const id = await jobs.enqueue("t", []);
    await waiting(jobs, id);
    expect(await jobs.cancel(id)).toBe(true);
    expect(await jobs.get(id)).toMatchObject({ state: "failed", result: { code: "JOB_CANCELLED" } });
    expect(await jobs.resume(id)).toBe(false);
    expect(await store.jobs.inStates("inactive", "active")).toEqual([]);
    expect(found).toHaveLength(1);
  });

  /** A task whose first run notes its steps until it is paused. @returns how often it ran */
  const untilPaused = (jobs: Jobs) => {
    const runs = { count: 0 };
    jobs.define({
      name: "steps",
      repeatable: true,
      run: async ({ isPaused, note }: JobContext) => {
        if (++runs.count > 1) return "resumed";
        for (let step = 0; !isPaused(); step++) {
          note({ step: `${step}` });
          await sleep(1);
        }
        return new Delayed(undefined);
      },
    });
    return runs;
  };

  test("a job that is paused while it runs is told so, waits over a restart, and goes on when it is resumed", async () => {
    const address = await newDatabase();
    const first = jobsOn(await openedStore(address));
    const runs = untilPaused(first);
    await first.start();
    const id = await first.enqueue("steps", []);
    await vi.waitFor(() => expect(runs.count).toBe(1));
    expect(await first.pause(id)).toBe(true);
    await waiting(first, id);
    await first.stop(0);
    const second = jobsOn(await openedStore(address));
    second.define({ name: "steps", repeatable: true, run: async () => "resumed" });
    await second.start();
    expect(isDelayed(await second.get(id), seconds())).toBe(true);
    expect(await second.resume(id)).toBe(true);
    expect((await ended(second, id)).result).toBe("resumed");
    expect([await second.pause(id), await second.resume(id)]).toEqual([false, false]);
  });

  test("a job that is paused before its turn does not begin, and one that is resumed before it was told goes on", async () => {
    const { jobs } = await newJobs({ concurrency: 1 });
    const runs = untilPaused(jobs);
    const begun = gate();
    const end = gate();
    jobs.define({
      name: "blocks",
      repeatable: true,
      run: async ({ isPaused, note }: JobContext) => {
        begun.open();
        await end.opened;
        note({ step: "told" });
        return isPaused();
      },
    });
    jobs.define({ name: "other", repeatable: true, run: async () => "done" });
    await jobs.start();
    const blocking = await jobs.enqueue("blocks", []);
    await begun.opened;
    const id = await jobs.enqueue("steps", []);
    expect(await jobs.pause(id)).toBe(true);
    expect(await jobs.pause(blocking)).toBe(true);
    expect(isPausing(await jobs.get(blocking), seconds())).toBe(true);
    expect(await jobs.resume(blocking)).toBe(true);
    end.open();
    expect((await ended(jobs, blocking)).result).toBe(false);
    expect((await ended(jobs, await jobs.enqueue("other", []))).result).toBe("done");
    expect([runs.count, (await jobs.get(id)).state]).toEqual([0, "inactive"]);
    expect(await jobs.resume(id)).toBe(true);
    await vi.waitFor(() => expect(runs.count).toBe(1));
    await jobs.pause(id);
    await waiting(jobs, id);
  });

  test("a job that another server delayed is not run before its time", async () => {
    const { jobs, store } = await newJobs({ concurrency: 1 });
    const ran: number[] = [];
    jobs.define({ name: "t", repeatable: true, run: async ({ id }) => void ran.push(id) });
    const wanted = { task: "t", args: [], actor: SERVER_ACTOR, priority: 9, notes: {} };
    const job = await store.jobs.create(wanted, 1);
    await store.jobs.update(job.id, { delayed: seconds() + HOUR, checkpoint: ["kept"] });
    await jobs.start();
    const others = [await jobs.enqueue("t", []), await jobs.enqueue("t", [])];
    for (const id of others) await ended(jobs, id);
    expect(ran).toEqual(others);
    expect(await jobs.get(job.id)).toMatchObject({ state: "inactive", checkpoint: ["kept"] });
  });
});
