import path from "node:path";
import { SERVER_ACTOR } from "@hitagi/contract";
import { expect, test } from "vitest";
import { bundleScript, startBundled } from "../support/script.ts";
import { ended, jobsOn, newDatabase, onEachStore, openedStore } from "./job-runner.ts";

onEachStore(() => {
  const script = path.join(import.meta.dirname, "scripts/hang.ts");

  /** Runs the script until two of its jobs run, and kills it. */
  const crash = async (bundle: string, file: string, make?: string): Promise<void> => {
    const server = startBundled(bundle, [file, ...(make ? [make] : [])]);
    expect(await server.line()).toBe("two run");
    await server.kill();
  };

  test("after kill -9, waiting jobs run, and interrupted jobs run again if repeatable and fail otherwise", async () => {
    const file = await newDatabase();
    await crash(await bundleScript(script), file, "make");

    const store = await openedStore(file);
    expect((await store.jobs.inStates("active")).map((job) => job.task)).toEqual(["again", "once"]);
    const jobs = jobsOn(store);
    jobs.define({ name: "again", repeatable: true, run: async () => "done" });
    jobs.define({ name: "once", repeatable: false, run: async () => "must not run" });
    await jobs.start();
    const [again, once, waiting] = [await ended(jobs, 1), await ended(jobs, 2), await ended(jobs, 3)];
    expect(again).toMatchObject({ state: "finished", result: "done", retries: 1, attempts: 2 });
    expect(once).toMatchObject({ state: "failed", result: { success: 0, code: "JOB_INTERRUPTED" } });
    expect(once.error).toContain("not safe to repeat");
    expect(waiting).toMatchObject({ state: "finished", result: "done", retries: 0, attempts: 1 });
  });

  test("a job that is interrupted by three crashes fails, and the server starts", async () => {
    const file = await newDatabase();
    const bundle = await bundleScript(script);
    await crash(bundle, file, "make-again");
    await crash(bundle, file);
    await crash(bundle, file);

    const store = await openedStore(file);
    const jobs = jobsOn(store);
    jobs.define({ name: "again", repeatable: true, run: async () => "must not run" });
    await jobs.start();
    for (const id of [1, 2]) {
      expect(await ended(jobs, id)).toMatchObject({
        state: "failed",
        retries: 3,
        result: { code: "JOB_INTERRUPTED" },
      });
    }
  });

  test("a job of an unknown task fails and does not delay others", async () => {
    const store = await openedStore(await newDatabase());
    const { id } = await store.jobs.create(
      { task: "gone", args: [], actor: SERVER_ACTOR, priority: 9, notes: {} },
      1,
    );
    const jobs = jobsOn(store, { concurrency: 1 });
    jobs.define({ name: "t", repeatable: true, run: async () => "done" });
    await jobs.start();
    expect(await ended(jobs, id)).toMatchObject({
      state: "finished",
      result: { success: 0, code: "INTERNAL" },
    });
    expect(await ended(jobs, await jobs.enqueue("t", []))).toMatchObject({ result: "done" });
  });
});
