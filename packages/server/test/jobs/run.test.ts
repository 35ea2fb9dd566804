import { HitagiError, SERVER_ACTOR } from "@hitagi/contract";
import { expect, test, vi } from "vitest";
import { gate } from "../support/gate.ts";
import { ended, listeningLog, newJobs, onEachStore } from "./job-runner.ts";

onEachStore(() => {
  test("a job runs with its arguments, and is stored with its result and times", async () => {
    let now = 1_784_000_000.5;
    const { jobs } = await newJobs({ now: () => now++ });
    jobs.define({
      name: "add",
      repeatable: true,
      run: async ({ id }, args) => ({
        success: 1,
        error: null,
        data: { args, id },
      }),
    });
    await jobs.start();
    const id = await jobs.enqueue("add", [2, 3], { priority: 4, notes: { of: "numbers" } });
    expect(await ended(jobs, id)).toEqual({
      id,
      task: "add",
      actor: SERVER_ACTOR,
      args: [2, 3],
      state: "finished",
      priority: 4,
      notes: { of: "numbers" },
      error: null,
      result: { success: 1, error: null, data: { args: [2, 3], id } },
      attempts: 1,
      retries: 0,
      created: expect.any(Number),
      started: expect.any(Number),
      finished: expect.any(Number),
    });
  });

  test("jobs created before the start run after it, once each", async () => {
    const { jobs } = await newJobs();
    const ran: number[] = [];
    jobs.define({ name: "t", repeatable: true, run: async ({ id }) => ran.push(id) });
    const ids = [await jobs.enqueue("t", []), await jobs.enqueue("t", [])];
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect(ran).toEqual([]);
    await jobs.start();
    for (const id of ids) await ended(jobs, id);
    expect(ran).toEqual(ids);
  });

  test("waiting jobs run by priority, then oldest first", async () => {
    const { jobs } = await newJobs({ concurrency: 1 });
    const order: string[] = [];
    jobs.define({ name: "t", repeatable: true, run: async (_, [name]) => order.push(String(name)) });
    let last = 0;
    for (const [name, priority] of [
      ["a", 0],
      ["b", 5],
      ["c", 0],
      ["d", 5],
      ["e", -1],
    ] as const) {
      const id = await jobs.enqueue("t", [name], { priority });
      if (name === "e") last = id;
    }
    await jobs.start();
    await ended(jobs, last);
    expect(order).toEqual(["b", "d", "a", "c", "e"]);
  });

  test("as many jobs run concurrently as allowed, and no more", async () => {
    const { jobs } = await newJobs({ concurrency: 3 });
    const { open, opened } = gate();
    let running = 0;
    let most = 0;
    jobs.define({
      name: "t",
      repeatable: true,
      run: async () => {
        running += 1;
        most = Math.max(most, running);
        await opened;
        running -= 1;
      },
    });
    await jobs.start();
    const ids = await Promise.all(Array.from({ length: 10 }, () => jobs.enqueue("t", [])));
    await vi.waitFor(() => expect(running).toBe(3));
    open();
    for (const id of ids) await ended(jobs, id);
    expect(most).toBe(3);
  });

  test("an expected failure is a finished job whose result has the error's code, message and hint", async () => {
    const { jobs } = await newJobs();
    const failure = new HitagiError("PLUGIN_BUSY", { namespace: "copytags" });
    jobs.define({ name: "t", repeatable: true, run: () => Promise.reject(failure) });
    await jobs.start();
    expect(await ended(jobs, await jobs.enqueue("t", []))).toMatchObject({
      state: "finished",
      error: null,
      result: { success: 0, error: failure.message, code: "PLUGIN_BUSY", hint: failure.hint },
    });
  });

  test("the message of an unexpected failure is in the log only", async () => {
    const { log, lines } = listeningLog();
    const { jobs } = await newJobs({ log });
    jobs.define({ name: "t", repeatable: true, run: () => Promise.reject(new Error("/secret/path broke")) });
    await jobs.start();
    const job = await ended(jobs, await jobs.enqueue("t", []));
    expect(job).toMatchObject({ state: "finished", error: null, result: { success: 0, code: "INTERNAL" } });
    expect(JSON.stringify(job)).not.toContain("secret");
    expect(lines.join()).toContain("/secret/path broke");
  });

  test("a task that throws before its first await, or throws undefined, fails too", async () => {
    const { jobs } = await newJobs();
    const throwing = (): Promise<unknown> => {
      throw undefined;
    };
    jobs.define({ name: "t", repeatable: true, run: throwing });
    await jobs.start();
    expect(await ended(jobs, await jobs.enqueue("t", []))).toMatchObject({
      result: { success: 0, code: "INTERNAL" },
    });
  });

  test("a result that cannot be serialized is a failure, and the next job runs", async () => {
    const { jobs } = await newJobs({ concurrency: 1 });
    jobs.define({ name: "t", repeatable: true, run: async (_, [big]) => (big ? { n: 1n } : "fine") });
    await jobs.start();
    const [bad, good] = [await jobs.enqueue("t", [true]), await jobs.enqueue("t", [false])];
    expect(await ended(jobs, bad)).toMatchObject({ state: "finished", result: { success: 0 } });
    expect(await ended(jobs, good)).toMatchObject({ state: "finished", result: "fine" });
  });

  test("a job of an unknown task is not created", async () => {
    const { jobs } = await newJobs();
    await expect(jobs.enqueue("nothing", [])).rejects.toThrow("nothing");
    expect(await jobs.list(undefined, 1, 10)).toEqual({ total: 0, items: [] });
  });

  test("an unknown job is JOB_NOT_FOUND", async () => {
    const { jobs } = await newJobs();
    const refusal = { code: "JOB_NOT_FOUND", params: { id: 77 } };
    await expect(jobs.get(77)).rejects.toMatchObject(refusal);
    await expect(jobs.cancel(77)).rejects.toMatchObject(refusal);
  });

  test("ended jobs older than their retention are deleted at the start", async () => {
    const { jobs, store } = await newJobs({ retentionSeconds: 100, now: () => 1000 });
    for (const finished of [899, 901]) {
      const { id } = await store.jobs.create(
        { task: "t", args: [], actor: SERVER_ACTOR, priority: 0, notes: {} },
        1,
      );
      await store.jobs.update(id, { state: "finished", finished });
    }
    await jobs.start();
    expect((await jobs.list(undefined, 1, 10)).items.map((job) => job.finished)).toEqual([901]);
  });
});
