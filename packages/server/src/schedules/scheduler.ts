import { setTimeout as delay } from "node:timers/promises";
import { HitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import { repeat, type StopRepeating } from "../async/repeat.ts";
import type { Documents } from "../documents/documents.ts";
import type { JobStore } from "../store/types.ts";
import { type StoredSchedules, schedulesDocument } from "./document.ts";
import { endsOf } from "./ends.ts";
import { queueClaimed } from "./queue-claimed.ts";
import { claimDue, isUnderWay, noteEnds } from "./runs.ts";
import type { Scheduler } from "./types.ts";
import type { WorkQueue } from "./work.ts";

export interface SchedulerDeps {
  documents: Pick<Documents, "read" | "change">;
  jobs: Pick<JobStore, "get">;
  queue: WorkQueue;
  log: Pick<Logger, "error">;
  /** Epoch seconds. */
  now: () => number;
}

/** Seconds between two looks at most: another node may have added a schedule, or died after it claimed a run. */
const LOOK_EVERY_S = 30;
/** Seconds between two looks while a run goes on, whose end may let the next one begin. */
const RUNNING_EVERY_S = 5;

const secondsToNext = ({ schedules }: StoredSchedules, now: number): number => {
  const longest = schedules.some(({ last }) => isUnderWay(last)) ? RUNNING_EVERY_S : LOOK_EVERY_S;
  const waits = schedules.flatMap(({ next }) => (next === null ? [] : [next - now]));
  return Math.min(longest, ...waits.filter((wait) => wait > 0));
};

/**
 * Notes the runs that ended, and starts those that are due. Every node does it: each run is claimed by one change of the document,
 * and then queued by a node that sees the claim.
 */
export const lookOnce = async ({
  documents,
  jobs,
  queue,
  now,
}: Omit<SchedulerDeps, "log">): Promise<StoredSchedules> => {
  const { value: seen } = await documents.read(schedulesDocument);
  const ends = await endsOf(seen, jobs);
  const advance = (stored: StoredSchedules) => claimDue(noteEnds(stored, ends), now());
  const claimed =
    advance(seen) === seen
      ? seen
      : (await documents.change(schedulesDocument, ({ value }) => advance(value))).value;
  await queueClaimed({ documents, queue }, claimed);
  return claimed;
};

export const createScheduler = (deps: SchedulerDeps): Scheduler => {
  const { log, now } = deps;
  let stop: StopRepeating = async () => {};
  let waking = new AbortController();

  /** Resolves after some milliseconds, or at once if it is woken or was woken since the last wait. */
  const wait = async (ms: number, signal: AbortSignal): Promise<void> => {
    const ends = AbortSignal.any([signal, waking.signal]);
    await delay(ms, undefined, { signal: ends, ref: false }).catch(() => {});
    if (waking.signal.aborted) waking = new AbortController();
  };

  return {
    start: () => {
      stop = repeat(async () => secondsToNext(await lookOnce(deps), now()) * 1000, {
        everyMs: LOOK_EVERY_S * 1000,
        firstMs: 0,
        onError: (err) => log.error({ err }, "schedules could not be looked at; this is tried again"),
        wait,
      });
    },
    wake: () => waking.abort(),
    stop: () => stop(new HitagiError("STOPPING")),
  };
};
