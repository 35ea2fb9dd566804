import { expect, test, vi } from "vitest";
import { gate } from "../support/gate.ts";
import { aborted, ended, newJobs, onEachStore } from "./job-runner.ts";

onEachStore(() => {
  test("a waiting job that is cancelled ends at once and never runs", async () => {
    const { jobs } = await newJobs({ concurrency: 1 });
    const { open, opened } = gate();
    const ran: number[] = [];
    jobs.define({
      name: "t",
      repeatable: true,
      run: async ({ id }) => {
        ran.push(id);
        await opened;
      },
    });
    await jobs.start();
    const [first, second, third] = [
      await jobs.enqueue("t", []),
      await jobs.enqueue("t", []),
      await jobs.enqueue("t", []),
    ];
    expect(await jobs.cancel(second)).toBe(true);
    expect(await jobs.get(second)).toMatchObject({
      state: "failed",
      error: "The job was cancelled.",
      result: { success: 0, code: "JOB_CANCELLED" },
      started: null,
    });
    open();
    await ended(jobs, third);
    expect(ran).toEqual([first, third]);
  });

  test("cancelling a running job aborts its signal, and the job ends as cancelled", async () => {
    const { jobs } = await newJobs();
    jobs.define({ name: "t", repeatable: true, run: ({ signal }) => aborted(signal) });
    await jobs.start();
    const id = await jobs.enqueue("t", []);
    await vi.waitFor(async () => expect((await jobs.get(id)).state).toBe("active"));
    expect(await jobs.cancel(id)).toBe(true);
    expect(await ended(jobs, id)).toMatchObject({
      state: "failed",
      result: { success: 0, code: "JOB_CANCELLED" },
    });
  });

  test("a job that succeeds despite being cancelled is finished", async () => {
    const { jobs } = await newJobs();
    const { open, opened } = gate();
    jobs.define({ name: "t", repeatable: true, run: () => opened.then(() => "done") });
    await jobs.start();
    const id = await jobs.enqueue("t", []);
    await vi.waitFor(async () => expect((await jobs.get(id)).state).toBe("active"));
    await jobs.cancel(id);
    open();
    expect(await ended(jobs, id)).toMatchObject({ state: "finished", result: "done" });
  });

  test("an ended job cannot be cancelled", async () => {
    const { jobs } = await newJobs();
    jobs.define({ name: "t", repeatable: true, run: async () => "done" });
    await jobs.start();
    const id = await jobs.enqueue("t", []);
    const job = await ended(jobs, id);
    expect(await jobs.cancel(id)).toBe(false);
    expect(await jobs.get(id)).toEqual(job);
  });

  test("a job cancelled at any moment ends once, finished or cancelled", async () => {
    const { jobs } = await newJobs({ concurrency: 4 });
    jobs.define({
      name: "t",
      repeatable: true,
      run: async ({ signal }) => {
        for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
        signal.throwIfAborted();
        return "done";
      },
    });
    await jobs.start();
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const id = await jobs.enqueue("t", []);
        // The start of a job depends on the store's speed; some jobs have ended before they are cancelled.
        const moment = [0, 1, 2, 3, 5, 50, "ended"][i % 7] ?? 0;
        if (moment === "ended") await ended(jobs, id);
        else for (let turn = 0; turn < Number(moment); turn += 1) await new Promise(setImmediate);
        const cancelled = await jobs.cancel(id);
        const { state, result } = await ended(jobs, id);
        return state === "finished" ? result : cancelled && state;
      }),
    );
    expect(new Set(outcomes)).toEqual(new Set(["done", "failed"]));
  });
});
