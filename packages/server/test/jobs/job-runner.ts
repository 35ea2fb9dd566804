import path from "node:path";
import { pino } from "pino";
import { onTestFinished, vi } from "vitest";
import { createJobs, type JobsOptions } from "../../src/jobs/in-process.ts";
import type { Jobs } from "../../src/jobs/types.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { JobRecord, Store } from "../../src/store/types.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** A log whose lines can be looked at. */
export const listeningLog = () => {
  const lines: string[] = [];
  return { lines, log: pino({ level: "debug" }, { write: (line) => void lines.push(line) }) };
};

export const newDatabase = async (): Promise<string> => path.join(await tempFolder(), "hitagi.db");

/** A store that is closed when the test ends. */
export const openedStore = async (file: string): Promise<Store> => {
  const store = await openSqliteStore(file);
  onTestFinished(() => store.close());
  return store;
};

/** Jobs over a real store that are stopped, without grace, before it is closed. */
export const jobsOn = (store: Store, options: Partial<JobsOptions> = {}): Jobs => {
  const jobs = createJobs({ store: store.jobs, concurrency: 2, log: listeningLog().log, ...options });
  onTestFinished(() => jobs.stop(0));
  return jobs;
};

/** New jobs on a new store. */
export const newJobs = async (options: Partial<JobsOptions> = {}) => {
  const store = await openedStore(await newDatabase());
  return { store, jobs: jobsOn(store, options) };
};

/** The job once it has ended. */
export const ended = async (jobs: Jobs, id: number): Promise<JobRecord> => {
  const job = await vi.waitFor(
    async () => {
      const now = await jobs.get(id);
      if (now.finished === null) throw new Error(`Job ${id} is ${now.state}`);
      return now;
    },
    { timeout: 10_000, interval: 5 },
  );
  return job;
};

/** Something that a test opens, and a task waits for. */
export const gate = () => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
};

/** Resolves when the signal aborts, by rejecting with its reason. */
export const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
