import { HitagiError } from "@hitagi/contract";
import type { Dispatcher } from "undici";
import { utcTime } from "../clock.ts";
import { isRetried, PassingFault, retryAfterMs } from "../net/http-retry.ts";
import { NETWORK_LOGIN } from "./web-page.ts";

type Headers = Dispatcher.ResponseData["headers"];

/** Headers of forges with the number of remaining requests, and the epoch second of the next reset. */
const LIMITS = [
  { left: "x-ratelimit-remaining", reset: "x-ratelimit-reset" },
  { left: "ratelimit-remaining", reset: "ratelimit-reset" },
] as const;

/** Milliseconds until a source accepts requests again; undefined where it does not say. */
const waitOf = (headers: Headers, now: number): number | undefined => {
  const retryAfter = retryAfterMs(headers["retry-after"], now);
  if (retryAfter !== undefined) return retryAfter;
  const exhausted = LIMITS.find(({ left }) => headers[left] === "0");
  const reset = exhausted && headers[exhausted.reset];
  return typeof reset === "string" && /^\d{1,11}$/.test(reset)
    ? Math.max(0, Number(reset) * 1000 - now)
    : undefined;
};

const isExhausted = (headers: Headers): boolean => LIMITS.some(({ left }) => headers[left] === "0");

/** Beyond this, a Date cannot show the time. */
const MAX_WAIT_MS = 1e12;

const rateLimited = (headers: Headers, now: number): PassingFault => {
  const waitMs = waitOf(headers, now);
  const until =
    waitMs === undefined || waitMs > MAX_WAIT_MS ? "for now" : `until ${utcTime((now + waitMs) / 1000)}`;
  return new PassingFault(new HitagiError("SOURCE_RATE_LIMITED", { until }), waitMs);
};

/** The error of a status other than 200 and 304, a PassingFault where a retry makes sense. @param now epoch ms */
export const statusError = (
  { statusCode: status, headers }: Pick<Dispatcher.ResponseData, "statusCode" | "headers">,
  file: string,
  credential: boolean,
  now: number = Date.now(),
): HitagiError | PassingFault => {
  if (status === 404 || status === 410) return new HitagiError("SOURCE_FILE_MISSING", { path: file });
  // GitHub sends 403 when its limit is exhausted.
  if (status === 429 || (status === 403 && (isExhausted(headers) || headers["retry-after"] !== undefined))) {
    return rateLimited(headers, now);
  }
  if (status === 401 || status === 403) {
    const code = credential ? "SOURCE_CREDENTIAL_REFUSED" : "SOURCE_CREDENTIAL_NEEDED";
    return new HitagiError(code, { status, path: file });
  }
  if (status === NETWORK_LOGIN)
    return new HitagiError("SOURCE_CAPTIVE_PORTAL", { path: file, host: "the network" });
  const error = new HitagiError("SOURCE_STATUS", { status, path: file });
  return isRetried(status) ? new PassingFault(error, retryAfterMs(headers["retry-after"], now)) : error;
};
