import type { BatchCounts, LibraryProblem } from "@hitagi/contract";
import type { Catalog } from "../catalog/types.ts";
import { isFailure, outcomeOf } from "../jobs/outcome.ts";
import type { Library } from "../library/types.ts";
import type { JobRecord } from "../store/types.ts";
import type { Check } from "./notifier.ts";

type EndedJob = Pick<JobRecord, "id" | "task" | "args" | "state" | "notes" | "result" | "error">;

const errorOf = ({ result, error }: EndedJob): string => {
  const told = (result ?? {}) as { error?: unknown };
  return typeof told.error === "string" ? told.error : (error ?? "It failed.");
};

const failedIn = ({ result }: EndedJob): Partial<BatchCounts> => {
  const { data } = (result ?? {}) as { data?: unknown };
  return typeof data === "object" && data !== null ? data : {};
};

/**
 * What the end of a job is to tell: of a batch that failed or in which archives failed, and of a failed run of a schedule. Undefined
 * for other jobs, and for one that a person cancelled.
 */
export const jobIncident = (job: EndedJob, batchTask: string): string | undefined => {
  const { id, task, notes, state, result } = job;
  const isBatch = task === batchTask;
  if ((!isBatch && notes.schedule === undefined) || outcomeOf(job) === "JOB_CANCELLED") return undefined;
  const schedule = notes.schedule === undefined ? "" : ` of schedule ${notes.schedule}`;
  if (state === "failed" || isFailure(result)) return `${task}${schedule}, job ${id}: ${errorOf(job)}`;
  const { failed = 0 } = isBatch ? failedIn(job) : {};
  if (failed === 0) return undefined;
  const archives = failed === 1 ? "one archive" : `${failed} archives`;
  return `Batch ${id}${schedule}: ${archives} failed; see hitagi batch report ${id} --outcome failed`;
};

/** The updates that wait for the owner. */
export const checkUpdates =
  ({ updates }: Pick<Catalog, "updates">): Check =>
  async () =>
    new Map(
      (await updates()).map(({ namespace, installed, update }) => [
        `${namespace}@${update}`,
        `${namespace} ${update} (installed: ${installed})`,
      ]),
    );

/** Files that their owner left out on purpose, or that the next scan takes in, are no problem to tell. */
const TOLD: ReadonlySet<LibraryProblem["kind"]> = new Set(["broken", "denied", "unreadable", "missing"]);

/** The problems of the library that are remembered as told; of a library with more, the others are told again. */
const MAX_REMEMBERED = 2000;

/** The files of the library that cannot be used. */
export const checkLibrary =
  ({ problems }: Pick<Library, "problems">): Check =>
  async () =>
    new Map(
      (await problems())
        .filter(({ kind }) => TOLD.has(kind))
        .slice(0, MAX_REMEMBERED)
        .map(({ file, kind, reason }) => [`${kind} ${file}`.slice(0, 200), `${file}: ${reason}`]),
    );
