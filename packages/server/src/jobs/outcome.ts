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

/** The error that is shown. One that is not of the error table stays in the log, because its text may name anything. */
export const knownError = (thrown: unknown, id: number): HitagiError =>
  thrown instanceof HitagiError
    ? thrown
    : new HitagiError("INTERNAL", { requestId: `job ${id}` }, { cause: thrown });

/** The end of a job whose task returned or threw: LANraragi's clients look for a failure in the result. */
export const finished = (outcome: { value: unknown } | { error: HitagiError }, at: number): JobPatch => ({
  state: "finished",
  result: "error" in outcome ? failureOf(outcome.error) : (outcome.value ?? null),
  finished: at,
});

/** The end of a job whose task could not run to its own end: it was cancelled or interrupted. */
export const failed = (error: HitagiError, at: number): JobPatch => ({
  state: "failed",
  error: error.message,
  result: failureOf(error),
  finished: at,
});

/** Whether a task's result is a failure. */
export const isFailure = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "success" in value && value.success === 0;

/** `ok` or the code of the failure; null for a job that has not ended. */
export const outcomeOf = ({ state, result }: Pick<JobRecord, "state" | "result">): string | null => {
  if (state !== "finished" && state !== "failed") return null;
  if (state === "finished" && !isFailure(result)) return "ok";
  const { code } = (result ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : "INTERNAL";
};
