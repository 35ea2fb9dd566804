import type { LibraryProblem, Registry } from "@hitagi/contract";
import type { TrustCode } from "@hitagi/trust";
import type { Catalog, Registries } from "../catalog/types.ts";
import { isFailure, outcomeOf, partsFailed } from "../jobs/outcome.ts";
import type { Library } from "../library/types.ts";
import type { JobRecord } from "../store/types.ts";
import type { Check } from "./notifier.ts";

type EndedJob = Pick<JobRecord, "id" | "task" | "args" | "state" | "notes" | "result" | "error">;

const errorOf = ({ result, error }: EndedJob): string => {
  const told = (result ?? {}) as { error?: unknown };
  return typeof told.error === "string" ? told.error : (error ?? "It failed.");
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
  const parts = partsFailed(job);
  if (parts === undefined) return undefined;
  const { failed, total } = parts;
  if (!isBatch)
    return `${task}${schedule}, job ${id}: ${failed} of ${total} failed; see hitagi job show ${id}`;
  const archives = total === 1 ? "its archive" : `${failed} of ${total} archives`;
  return `Batch ${id}${schedule}: ${archives} failed; see hitagi batch report ${id} --failed`;
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

/** The refusals of a signed registry that no later try mends by itself. */
const REFUSALS: ReadonlySet<string> = new Set<TrustCode>([
  ...(["HEAD_INVALID", "SIGNATURE_MISSING", "ORIGIN_CHANGED", "RECOVERY_KEY_CHANGED"] as const),
  ...(["KEYS_NOT_CERTIFIED", "SIGNATURE_UNKNOWN", "KEYS_FORKED", "HEAD_FORKED"] as const),
  ...(["HEAD_ROLLED_BACK", "INDEX_MISMATCH", "VERSION_CHANGED", "VERSION_REMOVED"] as const),
]);
/** Seconds after which another failure, such as a slow cache (REGISTRY_BEHIND), is told too. */
const PATIENCE_S = 86_400;

const toldFailure = ({ id, name, failure }: Registry, now: number): [key: string, text: string][] => {
  if (!failure) return [];
  const { code, error, at, since = at } = failure;
  const isTold = REFUSALS.has(code) || now - since >= PATIENCE_S;
  return isTold ? [[`${id} ${code}`, `${name}: ${error}`]] : [];
};

/** What an owner should know of the registries: warnings of their heads, refused refreshes, and failures that last a day. */
export const checkRegistries =
  ({ list }: Pick<Registries, "list">, now: () => number): Check =>
  async () => {
    const told = (await list()).flatMap((registry) => {
      const { id, name, trust } = registry;
      const warnings = (trust?.warnings ?? []).map(({ code, text }): [string, string] => [
        `${id} ${code} ${trust?.epoch ?? 0}`,
        `${name}: ${text}`,
      ]);
      return [...warnings, ...toldFailure(registry, now())];
    });
    return new Map(told);
  };
