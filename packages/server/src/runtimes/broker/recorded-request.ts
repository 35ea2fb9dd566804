import { HitagiError, isHitagiError, type NetworkRecord } from "@hitagi/contract";
import { codeOf } from "../../disk/errno.ts";
import { retryAfterMs } from "../../net/http-retry.ts";
import type { CallScope } from "../types.ts";
import { loggedUrl, type NetworkLog } from "./network-log.ts";

/** The error for an address that a plugin may not reach. */
export const denied = (url: URL, reason: string): HitagiError =>
  new HitagiError("CAPABILITY_DENIED", { action: `reach ${url.host || url.protocol}`, reason });

const REFUSALS: ReadonlySet<number> = new Set([401, 403, 429, 503]);

/** Tells a call of an answer that refuses its request. */
export const noteRefusal = (
  { onRefused }: Pick<CallScope, "onRefused">,
  { hostname: host }: URL,
  status: number,
  header: string | string[] | undefined,
): void => {
  if (!onRefused || !REFUSALS.has(status)) return;
  const ms = retryAfterMs(header, Date.now());
  onRefused({ host, status, ...(ms !== undefined && { retryAfter: Math.ceil(ms / 1000) }) });
};

/**
 * The error of a failed request, as the network log and the plugin see it: its reason is a code of Node or undici, and no
 * address.
 * @param signal that of the call
 */
export const requestFailure = (cause: unknown, { host }: URL, signal: AbortSignal): HitagiError => {
  if (isHitagiError(cause)) return cause;
  if (signal.aborted) return new HitagiError("PLUGIN_CANCELLED", {}, { cause });
  const reason = codeOf(cause) ?? "the connection failed";
  return new HitagiError("REQUEST_FAILED", { host, reason }, { cause });
};

/** One request of a plugin, for the network log. */
export interface RecordedRequest {
  log: NetworkLog;
  /** Epoch milliseconds. */
  now: () => number;
  scope: Pick<CallScope, "namespace" | "onRequest">;
  method: string;
  url: URL;
  failureOf: (cause: unknown) => HitagiError;
}

/**
 * Runs one request and records it, also if it fails.
 * @param run answers the status, and the bytes of the answer
 * @throws what `failureOf` makes of the error
 */
export const recordRequest = async <T extends { outcome: number; bytes: number }>(
  { log, now, scope, method, url, failureOf }: RecordedRequest,
  run: () => Promise<T>,
): Promise<T> => {
  const at = now();
  const record = (end: Pick<NetworkRecord, "outcome" | "bytes" | "reason">): void => {
    const made = { at, method, url: loggedUrl(url), ...end, ms: now() - at };
    log.add(scope.namespace, made);
    scope.onRequest?.(made);
  };
  try {
    const answer = await run();
    record({ outcome: answer.outcome, bytes: answer.bytes });
    return answer;
  } catch (error) {
    const failure = failureOf(error);
    record({ outcome: failure.code, bytes: 0, reason: failure.message });
    throw failure;
  }
};
