import { setTimeout as delay } from "node:timers/promises";
import type { HitagiError } from "@hitagi/contract";
import type { Deadline } from "../async/deadline.ts";

export interface RetryPolicy {
  /** Attempts at most, with the first. */
  attempts: number;
  /** Milliseconds before the second attempt; doubled for each further one. */
  baseMs: number;
}

/** A temporary failure, worth another attempt. */
export class PassingFault extends Error {
  /** The error where there is no further attempt. */
  readonly error: HitagiError;
  /** Milliseconds that the server asked to wait. */
  readonly waitMs: number | undefined;

  constructor(error: HitagiError, waitMs?: number) {
    super(error.message, { cause: error });
    this.error = error;
    this.waitMs = waitMs;
  }
}

const RETRIED = new Set([429, 500, 502, 503, 504]);

export const isRetried = (status: number): boolean => RETRIED.has(status);

/** Milliseconds of a Retry-After header, from an epoch time in ms (RFC 9110 §10.2.3); undefined if invalid. */
export const retryAfterMs = (header: string | string[] | undefined, now: number): number | undefined => {
  if (typeof header !== "string") return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = /^[A-Z][a-z]+,? /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
};

/** Exponential backoff; its upper half is random, so that clients do not retry all at once. */
const backoffMs = (attempt: number, baseMs: number): number =>
  baseMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);

/** Repeats work after temporary failures, until the deadline. @throws the error of the last failure */
export const withRetries = async <T>(
  { attempts, baseMs }: RetryPolicy,
  deadline: Deadline,
  attemptOnce: () => Promise<T>,
): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptOnce();
    } catch (fault) {
      if (!(fault instanceof PassingFault)) throw fault;
      const waitMs = Math.max(fault.waitMs ?? 0, backoffMs(attempt, baseMs));
      if (attempt >= attempts || waitMs >= deadline.remaining()) throw fault.error;
      await delay(waitMs, undefined, { signal: deadline.signal });
    }
  }
};
