import type { ScheduledWork } from "@hitagi/contract";
import { createDocuments, type Documents } from "../../src/documents/documents.ts";
import { announceSchedules } from "../../src/events/announce.ts";
import type { EventBody } from "../../src/events/types.ts";
import { alwaysFresh } from "../../src/freshness.ts";
import { lookOnce } from "../../src/schedules/scheduler.ts";
import { createSchedules } from "../../src/schedules/schedules.ts";
import type { Store } from "../../src/store/types.ts";
import { createEnqueue } from "../../src/tasks/enqueue.ts";
import { jobsOn } from "../jobs/job-runner.ts";

export const HOUR = 3600;
/** 2027-01-15 08:00 UTC. */
export const START = 1_800_000_000;

export const work: ScheduledWork = { kind: "run", plugin: "feed", arg: "x" };

/** One node on a store, with a clock of its own. Its jobs run once `jobs.start` is called. */
export const openNode = (store: Store, now = START) => {
  const clock = { now };
  const ran: unknown[][] = [];
  const gate: { wait: Promise<unknown> } = { wait: Promise.resolve() };
  const jobs = jobsOn(store);
  jobs.define({
    name: "run_plugin",
    repeatable: false,
    run: async (_, args) => {
      ran.push([...args]);
      await gate.wait;
      return { success: 1, error: null };
    },
  });
  const documents: Documents = createDocuments({ store: store.documents, ensureFresh: alwaysFresh });
  const queue = createEnqueue({ jobs, plugins: { anyEnabled: () => false } });
  const parts = { documents, jobs: store.jobs, queue, now: () => clock.now };
  const published: EventBody[] = [];
  const made = createSchedules({
    ...parts,
    check: async () => {},
    problemOf: async () => null,
    wake: () => {},
  });
  const schedules = announceSchedules(made, (event) => void published.push(event));
  return {
    ...{ clock, ran, gate, jobs, schedules, published },
    /** Looks as the scheduler does, with what other nodes stored. */
    look: async () => {
      documents.forget();
      return lookOnce(parts);
    },
    queued: async () => (await store.jobs.list({}, 1, 100)).total,
  };
};
