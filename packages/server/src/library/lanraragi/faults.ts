import { HitagiError, isHitagiError } from "@hitagi/contract";
import { networkReason } from "../../net/http-faults.ts";

/** One call of LANraragi's API, as faults name it. */
export interface Called {
  method: "GET" | "PUT" | "DELETE";
  /** Below `/api/`, with its query. */
  path: string;
  /** The archive that it is about. */
  id?: string | undefined;
}

/** A call for messages, without the query, which may hold secrets. */
export const nameOf = ({ method, path }: Called): string => `${method} /api/${path.split("?", 1)[0]}`;

const SLOW: Record<string, string> = {
  UND_ERR_HEADERS_TIMEOUT: "it did not answer in time",
  UND_ERR_BODY_TIMEOUT: "it stopped in the middle of its answer",
  TimeoutError: "its answer took too long",
};

/** undici's code after its retries failed. */
const GAVE_UP = "UND_ERR_REQ_RETRY";

/** Whether a call failed in the middle of its answer's body. */
export const isBrokenOff = (error: unknown): boolean =>
  isHitagiError(error, "LIBRARY_UNREACHABLE") && (error.cause as NodeJS.ErrnoException)?.code === GAVE_UP;

/** The error of a call that got no complete answer. */
export const unreachable = (cause: unknown): HitagiError => {
  if (isHitagiError(cause)) return cause;
  const { code = "", name = "" } = cause as NodeJS.ErrnoException;
  const reason =
    SLOW[code] ?? SLOW[name] ?? (code === GAVE_UP ? "the connection was cut off" : networkReason(cause));
  return new HitagiError("LIBRARY_UNREACHABLE", { reason }, { cause });
};

export const notLanraragi = (reason: string, cause?: unknown) =>
  new HitagiError("LIBRARY_ANSWER", { reason }, { cause });

/** The error for a status of LANraragi that is not success. */
export const statusFault = (status: number, called: Called): HitagiError => {
  const { id } = called;
  if (status === 401 || status === 403) return new HitagiError("LIBRARY_KEY_REFUSED");
  // LANraragi answers 400 for an unknown id; malformed ids are never requested.
  const unknown = status === 404 || (status === 400 && called.method === "GET");
  if (id !== undefined && unknown) return new HitagiError("ARCHIVE_NOT_FOUND", { id });
  if (id !== undefined && status === 423) return new HitagiError("ARCHIVE_BUSY", { id });
  if (status === 502 || status === 503 || status === 504) {
    return new HitagiError("LIBRARY_UNREACHABLE", { reason: `it answered ${status}` });
  }
  if (status >= 300 && status < 400) return notLanraragi(`it redirects ${nameOf(called)} elsewhere`);
  return notLanraragi(`it answered ${status} to ${nameOf(called)}`);
};
