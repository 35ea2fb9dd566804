import { HitagiError } from "@hitagi/contract";
import type { JobRecord, JobStore } from "../store/types.ts";
import type { JobResult } from "./types.ts";

export type JobPatch = Parameters<JobStore["update"]>[1];

const failureOf = ({ message, code, hint }: HitagiError): JobResult => ({
  success: 0,
  error: message,
  code,
  hint,
});

/**
 * What is answered of whatever was thrown. An error that is not of the table is a fault of ours, whose words may
 * name anything, so they stay in the log.
 */
export const knownError = (thrown: unknown, id: number): HitagiError =>
  thrown instanceof HitagiError
    ? thrown
    : new HitagiError("INTERNAL", { requestId: `job ${id}` }, { cause: thrown });

/** The end of a job whose task ran, well or not: LANraragi's clients look for a failure in the result. */
export const finished = (outcome: { value: unknown } | { error: HitagiError }, at: number): JobPatch => ({
  state: "finished",
  result: "error" in outcome ? failureOf(outcome.error) : (outcome.value ?? null),
  finished: at,
});

/** The end of a job whose task could not run to its own end: cancelled, or cut off by a crash. */
export const failed = (error: HitagiError, at: number): JobPatch => ({
  state: "failed",
  error: error.message,
  result: failureOf(error),
  finished: at,
});

/** Whether a value is a result that tells of a failure. */
export const isFailure = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "success" in value && value.success === 0;

const ENDED: readonly string[] = ["finished", "failed"] satisfies JobRecord["state"][];

/** How a job ended: `ok`, or the code of its failure; null until it has ended. */
export const outcomeOf = ({ state, result }: Pick<JobRecord, "state" | "result">): string | null => {
  if (!ENDED.includes(state)) return null;
  if (state === "finished" && !isFailure(result)) return "ok";
  const { code } = (result ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : "INTERNAL";
};
