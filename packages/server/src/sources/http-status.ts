import { HitagiError } from "@hitagi/contract";
import type { Dispatcher } from "undici";
import { isRetried, PassingFault, retryAfterMs } from "../net/http-retry.ts";

type Headers = Dispatcher.ResponseData["headers"];

/** Headers in which forges tell how many requests are left, and the epoch second at which there are more. */
const LIMITS = [
  { left: "x-ratelimit-remaining", reset: "x-ratelimit-reset" },
  { left: "ratelimit-remaining", reset: "ratelimit-reset" },
] as const;

/** Milliseconds until a source takes requests again, as far as it says so. */
const waitOf = (headers: Headers, now: number): number | undefined => {
  const asked = retryAfterMs(headers["retry-after"], now);
  if (asked !== undefined) return asked;
  const spent = LIMITS.find(({ left }) => headers[left] === "0");
  const reset = spent && headers[spent.reset];
  return typeof reset === "string" && /^\d{1,11}$/.test(reset)
    ? Math.max(0, Number(reset) * 1000 - now)
    : undefined;
};

const isSpent = (headers: Headers): boolean => LIMITS.some(({ left }) => headers[left] === "0");

/** Further away than any clock can show. */
const MAX_WAIT_MS = 1e12;

const rateLimited = (headers: Headers, now: number): PassingFault => {
  const waitMs = waitOf(headers, now);
  const until =
    waitMs === undefined || waitMs > MAX_WAIT_MS
      ? "for now"
      : `until ${new Date(now + waitMs).toISOString().replace(/\.\d+Z$/, "Z")}`;
  return new PassingFault(new HitagiError("SOURCE_RATE_LIMITED", { until }), waitMs);
};

/**
 * What an answer that is neither 200 nor 304 means.
 * @param file the name that the error gives
 * @param credential whether the request had one
 * @param now epoch milliseconds
 * @returns wrapped as passing where it is worth another attempt
 */
export const statusFault = (
  { statusCode: status, headers }: Pick<Dispatcher.ResponseData, "statusCode" | "headers">,
  file: string,
  credential: boolean,
  now: number = Date.now(),
): HitagiError | PassingFault => {
  if (status === 404 || status === 410) return new HitagiError("SOURCE_FILE_MISSING", { path: file });
  // GitHub answers 403 where its limit is used up.
  if (status === 429 || (status === 403 && (isSpent(headers) || headers["retry-after"] !== undefined))) {
    return rateLimited(headers, now);
  }
  if (status === 401 || status === 403) {
    const code = credential ? "SOURCE_CREDENTIAL_REFUSED" : "SOURCE_CREDENTIAL_NEEDED";
    return new HitagiError(code, { status, path: file });
  }
  const error = new HitagiError("SOURCE_STATUS", { status, path: file });
  return isRetried(status) ? new PassingFault(error, retryAfterMs(headers["retry-after"], now)) : error;
};
