import { SERVER_ACTOR } from "@hitagi/contract";
import { expect, test, vi } from "vitest";
import { Delayed } from "../../src/jobs/delayed.ts";
import type { JobContext, Jobs } from "../../src/jobs/types.ts";
import { detailOf } from "../../src/jobs/wire.ts";
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
