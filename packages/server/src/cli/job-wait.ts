import { setTimeout as sleep } from "node:timers/promises";
import { type JobDetail, quoteText } from "@hitagi/contract";
import { CommandFailed, failedAs, type Hints } from "./failure.ts";
import { partsFailedText } from "./format.ts";
import { progressLine } from "./progress-line.ts";
import type { Session } from "./session.ts";

/** The task of a batch. */
const BATCH = "run_batch";

const FIRST_MS = 20;
const LONGEST_MS = 1000;
const GROWTH = 1.5;

const progressOf = ({ task, state, notes }: JobDetail): string => {
  const count = notes.done && notes.total ? `${notes.done}/${notes.total}` : undefined;
  const note = notes.note && quoteText(notes.note);
  const paused = notes.paused && `paused: ${quoteText(notes.paused)}`;
  const parts = [notes.step, count, paused || note].filter((p) => p !== undefined);
  return `${task}: ${parts.length > 0 ? parts.join(" ") : state}`;
};

const hasEnded = (job: JobDetail): boolean => job.state === "finished" || job.state === "failed";

interface WaitOptions {
  /** Stops waiting. */
  signal?: AbortSignal | undefined;
  /** Called with the job at each poll before its end. An error stops waiting. */
  onLook?: (job: JobDetail) => Promise<void>;
}

/** Waits until a job has ended, with growing pauses between polls. */
export const waitForJob = async (
  session: Session,
  job: number,
  { signal, onLook }: WaitOptions = {},
): Promise<JobDetail> => {
  const line = progressLine(session.io);
  try {
    for (let pause = FIRST_MS; ; pause = Math.min(pause * GROWTH, LONGEST_MS)) {
      const detail = await session.client.getJobDetail({ params: { job } });
      if (hasEnded(detail)) return detail;
      await onLook?.(detail);
      line.show(() => progressOf(detail));
      await sleep(pause, undefined, signal && { signal });
    }
  } finally {
    line.clear();
  }
};

/** A job's result. */
export interface Result {
  success?: number;
  error?: string | null;
  code?: string;
  hint?: string;
  data?: unknown;
  /** Parts of the work, such as archives of a batch, that failed, of all; absent if none did. */
  failed?: number;
  total?: number;
}

/** The result of a job. @throws CommandFailed if it failed */
export const resultOf = (job: JobDetail, hints?: Hints): unknown => {
  const result = (job.result ?? {}) as Result;
  if (job.state === "finished" && result.success === 1) return result.data;
  const { error, code, hint } = result;
  throw failedAs({ message: error ?? job.error ?? `Job ${job.id} failed.`, code, hint }, hints);
};

/** @throws CommandFailed if the job failed, as a whole or in parts */
export const refuseFailure = (job: JobDetail): void => {
  resultOf(job);
  const failed = partsFailedText(job.result as Result);
  if (failed === undefined) return;
  const isBatch = job.task === BATCH;
  const look = isBatch ? `batch report ${job.id} --failed` : `job show ${job.id}`;
  throw new CommandFailed(`Job ${job.id}: ${failed}.`, `\`hitagi ${look}\` shows why.`, "SOME_FAILED");
};
