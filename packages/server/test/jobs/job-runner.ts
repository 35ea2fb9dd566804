import path from "node:path";
import { pino } from "pino";
import { beforeEach, describe, onTestFinished, vi } from "vitest";
import { createJobs, type JobsOptions } from "../../src/jobs/jobs.ts";
import type { Jobs } from "../../src/jobs/types.ts";
import { openStore } from "../../src/store/store.ts";
import type { JobRecord, SharedStore, Store } from "../../src/store/types.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** A log that keeps its lines. */
export const listeningLog = () => {
  const lines: string[] = [];
  return { lines, log: pino({ level: "debug" }, { write: (line) => void lines.push(line) }) };
};

const sqlite = async (): Promise<string> => `sqlite:${path.join(await tempFolder(), "hitagi.db")}`;

/** Makes the address of a new store, of the kind that {@link onEachStore} sets. */
let place: () => Promise<string> = sqlite;

/** A new store's address in the format of `HITAGI_STORE`. */
export const newDatabase = (): Promise<string> => place();

/** Runs tests on every kind of store that supports jobs. */
export const onEachStore = (tests: () => void): void => {
  describe("on SQLite", () => {
    beforeEach(() => {
      place = sqlite;
    });
    tests();
  });
  describe.skipIf(withoutRedis)("on Redis", () => {
    const redis = sharedRedis();
    let databases = 0;
    beforeEach(() => {
      place = async () => redis().address(databases++);
    });
    tests();
  });
};

/** A store that is closed when the test ends. */
export const openedStore = async (address: string): Promise<Store> => {
  const store = await openStore(address);
  onTestFinished(() => store.close());
  return store;
};

/** The parts of a store that jobs use. */
export interface JobParts extends Pick<Store, "jobs"> {
  shared?: Pick<SharedStore, "claims">;
}

/** Jobs on a real store. They are stopped without grace before it is closed, and lose no claim on a machine that is loaded. */
export const jobsOn = (store: JobParts, options: Partial<JobsOptions> = {}): Jobs => {
  const { jobs: kept, shared } = store;
  const log = listeningLog().log;
  const quick = { concurrency: 2, claimMs: 60_000, pollMs: 20 };
  const jobs = createJobs({ store: kept, claims: shared?.claims, log, ...quick, ...options });
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
    { interval: 5 },
  );
  return job;
};

/** Resolves when the signal aborts, by rejecting with its reason. */
export const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
