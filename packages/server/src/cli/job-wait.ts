import { setTimeout as sleep } from "node:timers/promises";
import { type HitagiError, isHitagiError, type JobDetail, quoteText } from "@hitagi/contract";
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

/** The task that is not run again after its server stopped: it may have made half of its changes. */
const NOT_REPEATED = "run_plugin";

/** What becomes of a job whose server no longer answers, and how to look at it. */
const lostServer = ({ id, task }: Pick<JobDetail, "id" | "task">, cause: HitagiError): CommandFailed => {
  const fate =
    task === NOT_REPEATED
      ? "It goes on without this command while the server runs. If the server stopped, the job is not run again: it may have done a part of its work."
      : "It goes on without this command. If the server stopped, it goes on when the server is started again.";
  const look = task === BATCH ? ` \`hitagi batch report ${id}\` shows what was done.` : "";
  return new CommandFailed(
    [`The server no longer answers, and job ${id} (${task}) has not ended.`, fate],
    `\`hitagi job wait ${id}\` waits for it again once the server answers, \`hitagi job show ${id}\` shows it.${look}`,
    cause.code,
  );
};

/**
 * Waits until a job has ended, with growing pauses between polls.
 * @throws CommandFailed SERVER_UNREACHABLE once a server that answered no longer does
 */
export const waitForJob = async (
  session: Session,
  job: number,
  { signal, onLook }: WaitOptions = {},
): Promise<JobDetail> => {
  const line = progressLine(session.io);
  try {
    let known: JobDetail | undefined;
    for (let pause = FIRST_MS; ; pause = Math.min(pause * GROWTH, LONGEST_MS)) {
      const detail = await session.client.getJobDetail({ params: { job } }).catch((error: unknown) => {
        throw known && isHitagiError(error, "SERVER_UNREACHABLE") ? lostServer(known, error) : error;
      });
      known = detail;
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
