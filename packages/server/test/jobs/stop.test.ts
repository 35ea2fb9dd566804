import { expect, test, vi } from "vitest";
import { gate } from "../support/gate.ts";
import { aborted, ended, jobsOn, newDatabase, onEachStore, openedStore } from "./job-runner.ts";

onEachStore(() => {
  const running = async (concurrency = 1) => {
    const store = await openedStore(await newDatabase());
    const jobs = jobsOn(store, { concurrency });
    const active = (id: number) => vi.waitFor(async () => expect((await jobs.get(id)).state).toBe("active"));
    return { store, jobs, active };
  };

  test("a stop refuses new jobs, lets running jobs end, and leaves waiting jobs for the next start", async () => {
    const { store, jobs, active } = await running();
    const { open, opened } = gate();
    const task = { name: "t", repeatable: true, run: () => opened.then(() => "done") };
    jobs.define(task);
    await jobs.start();
    const [first, second] = [await jobs.enqueue("t", []), await jobs.enqueue("t", [])];
    await active(first);
    const stopped = jobs.stop(10_000);
    await expect(jobs.enqueue("t", [])).rejects.toMatchObject({ code: "STOPPING" });
    open();
    await stopped;
    expect(await store.jobs.get(first)).toMatchObject({ state: "finished", result: "done" });
    expect(await store.jobs.get(second)).toMatchObject({ state: "inactive", started: null });

    const next = jobsOn(store);
    next.define(task);
    await next.start();
    expect(await ended(next, second)).toMatchObject({ state: "finished", retries: 0 });
  });

  test("a job that only waits outside of the places does not hold up a stop, also one that begins to wait then", async () => {
    const { store, jobs, active } = await running(2);
    const { open, opened } = gate();
    const waits = vi.fn();
    const wait = (signal: AbortSignal) => {
      waits();
      return aborted(signal);
    };
    jobs.define({ name: "waits", repeatable: false, run: (job) => job.waitOutside(wait(job.signal)) });
    jobs.define({
      name: "works",
      repeatable: false,
      run: (job) => opened.then(() => job.waitOutside(wait(job.signal))),
    });
    await jobs.start();
    const [first, second] = [await jobs.enqueue("waits", []), await jobs.enqueue("works", [])];
    await Promise.all([active(first), active(second)]);
    await vi.waitFor(() => expect(waits).toHaveBeenCalled());
    // A stop that waits for them outlasts the test.
    const stopped = jobs.stop(600_000);
    await vi.waitFor(async () => expect(await store.jobs.get(first)).toMatchObject({ state: "inactive" }));
    open();
    await stopped;
    expect(await store.jobs.get(second)).toMatchObject({ state: "inactive", started: null });
  });

  test("jobs that do not end in time are aborted: repeatable jobs wait for the next start, others fail", async () => {
    const { store, jobs, active } = await running(2);
    jobs.define({ name: "again", repeatable: true, run: ({ signal }) => aborted(signal) });
    jobs.define({ name: "once", repeatable: false, run: ({ signal }) => aborted(signal) });
    await jobs.start();
    const [again, once] = [await jobs.enqueue("again", []), await jobs.enqueue("once", [])];
    await Promise.all([active(again), active(once)]);
    await jobs.stop(20);
    expect(await store.jobs.get(again)).toMatchObject({ state: "inactive", started: null, retries: 0 });
    expect(await store.jobs.get(once)).toMatchObject({
      state: "failed",
      result: { success: 0, code: "JOB_INTERRUPTED" },
    });
  });

  test("a failure caused by the abort does not fail a repeatable job", async () => {
    const { store, jobs, active } = await running();
    const run = ({ signal }: { signal: AbortSignal }) =>
      aborted(signal).catch(() => ({ success: 0, error: "stopped" }));
    jobs.define({ name: "t", repeatable: true, run });
    await jobs.start();
    const id = await jobs.enqueue("t", []);
    await active(id);
    await jobs.stop(0);
    expect(await store.jobs.get(id)).toMatchObject({ state: "inactive" });
  });

  test("a task that ignores its signal delays a stop by one second, and its job fails", async () => {
    const { store, jobs, active } = await running();
    const { open, opened } = gate();
    jobs.define({ name: "deaf", repeatable: false, run: () => opened });
    await jobs.start();
    const id = await jobs.enqueue("deaf", []);
    await active(id);
    await jobs.stop(0);
    expect(await store.jobs.get(id)).toMatchObject({ state: "failed", result: { code: "JOB_INTERRUPTED" } });
    open();
  });
});
