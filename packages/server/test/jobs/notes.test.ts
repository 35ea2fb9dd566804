import { expect, test, vi } from "vitest";
import { createNotes } from "../../src/jobs/run-job.ts";
import { gate } from "../support/gate.ts";
import { ended, jobsOn, newDatabase, newJobs, onEachStore, openedStore } from "./job-runner.ts";

onEachStore(() => {
  test("the notes of a running job can be read while it runs, and are merged", async () => {
    const { jobs } = await newJobs();
    const { open, opened } = gate();
    jobs.define({
      name: "t",
      repeatable: true,
      run: async (context) => {
        context.note({ step: "fetch" });
        context.progress(3, 10, "third");
        await opened;
      },
    });
    await jobs.start();
    const id = await jobs.enqueue("t", [], { notes: { of: "archives" } });
    const said = { of: "archives", step: "fetch", done: "3", total: "10", note: "third" };
    await vi.waitFor(async () => expect((await jobs.get(id)).notes).toEqual(said));
    open();
    expect((await ended(jobs, id)).notes).toEqual(said);
  });

  test("frequent notes are stored five times a second, and the last one always", async () => {
    const store = await openedStore(await newDatabase());
    let writes = 0;
    const update: typeof store.jobs.update = (id, patch) => {
      writes += 1;
      return store.jobs.update(id, patch);
    };
    const jobs = jobsOn({ ...store, jobs: { ...store.jobs, update } });
    jobs.define({
      name: "t",
      repeatable: true,
      run: async (context) => {
        for (let i = 1; i <= 5000; i += 1) {
          context.progress(i, 5000);
          if (i % 100 === 0) await new Promise(setImmediate);
        }
      },
    });
    await jobs.start();
    const job = await ended(jobs, await jobs.enqueue("t", []));
    expect(job.notes).toEqual({ done: "5000", total: "5000" });
    const seconds = (job.finished ?? 0) - (job.started ?? 0);
    // The start, the end, the first note at once, then five a second.
    expect(writes).toBeLessThanOrEqual(3 + Math.ceil(seconds * 5));
  });

  test("all notes become text, and nothing is written after the end", () => {
    const written: Record<string, string>[] = [];
    const notes = createNotes({}, (all) => written.push(all));
    notes.set(JSON.parse('{"count": 5, "__proto__": "x"}'));
    const last = notes.close();
    notes.set({ late: "1" });
    expect(Object.entries(last)).toEqual([
      ["count", "5"],
      ["__proto__", "x"],
    ]);
    expect(written).toHaveLength(1);
  });
});
