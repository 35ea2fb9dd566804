import { HitagiError } from "@hitagi/contract";
import { codeOf } from "../../disk/errno.ts";
import { certificateReason } from "../../net/http-faults.ts";

/** The word in capitals with which Redis begins an error; "" for an error that is not from Redis. */
export const replyKind = (e: unknown): string =>
  e instanceof Error && e.name === "ReplyError" ? (/^[A-Z]+/.exec(e.message)?.[0] ?? "ERR") : "";

/** Whether a key holds another type than a command expects. A script's error has Redis' word in its text. */
export const isWrongType = (e: unknown): boolean =>
  e instanceof HitagiError &&
  e.code === "STORE_FAILED" &&
  replyKind(e.cause) !== "" &&
  /\bWRONGTYPE\b/.test((e.cause as Error).message);

/** Whether a command waited too long for a connection. The error does not say why there is none. */
export const isGivenUp = (e: unknown): boolean =>
  e instanceof Error && e.name === "MaxRetriesPerRequestError";

const refused = (reason: string) => (cause: unknown) =>
  new HitagiError("STORE_REFUSED", { reason }, { cause });
const readOnly = (reason: string) => (cause: unknown) =>
  new HitagiError("STORE_READ_ONLY", { reason }, { cause });
const unreachable = (reason: string) => (cause: unknown) =>
  new HitagiError("STORE_UNREACHABLE", { reason }, { cause });

const CERTIFICATE_WANTED =
  "it wants a certificate of its clients, which ?cert= and ?key= in HITAGI_STORE name, or tls-auth-clients no";

const byKind: Record<string, (cause: unknown) => HitagiError> = {
  WRONGPASS: refused("the user or the password is wrong"),
  NOAUTH: refused("it wants a password"),
  NOPERM: refused("its user may not do all that is needed"),
  DENIED: refused(
    "it is in protected mode, in which it lets in only who is on its own machine until it has a password",
  ),
  READONLY: readOnly("it is a replica"),
  NOREPLICAS: readOnly("it has fewer replicas than it demands"),
  MISCONF: readOnly("it could not write its data to disk"),
  OOM: (cause) => new HitagiError("STORE_FULL", {}, { cause }),
  LOADING: unreachable("it is reading its data from disk"),
  BUSY: unreachable("it is busy with a script"),
  MASTERDOWN: unreachable("its primary is down"),
};

/** What the codes of Node mean. */
const REASONS: Record<string, string> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "no machine has this name",
  EAI_AGAIN: "the machine's name could not be looked up",
  EHOSTUNREACH: "there is no way to the machine",
  ENETUNREACH: "there is no network",
  ETIMEDOUT: "it does not answer",
  ECONNRESET: "it cut the connection off",
  EPIPE: "it cut the connection off",
  ENOENT: "there is no such socket",
  EACCES: "this user may not use its socket",
};

/** OpenSSL's codes for a client certificate that is missing or refused. */
const CLIENT_CERTIFICATE =
  /^ERR_SSL_.*(CERTIFICATE_REQUIRED|ALERT_HANDSHAKE_FAILURE|ALERT_BAD_CERTIFICATE|ALERT_UNKNOWN_CA)$/;

const connectionError = (cause: unknown): HitagiError => {
  const code = codeOf(cause);
  const distrust = code && certificateReason(code);
  if (distrust) return new HitagiError("STORE_CERTIFICATE", { reason: distrust }, { cause });
  if (code && CLIENT_CERTIFICATE.test(code)) return refused(CERTIFICATE_WANTED)(cause);
  const reason =
    code && (REASONS[code] ?? (code.startsWith("ERR_SSL") ? "no TLS connection could be made" : code));
  return unreachable(reason ?? "the connection was lost")(isGivenUp(cause) ? undefined : cause);
};

/**
 * Makes the error that the store throws out of one of Redis or of its client. Redis' own message may hold values, so it
 * stays in `cause` for the log.
 */
export const redisError = (e: unknown): HitagiError => {
  if (e instanceof HitagiError) return e;
  const kind = replyKind(e);
  const known = byKind[kind];
  if (known) return known(e);
  if (kind !== "")
    return new HitagiError("STORE_FAILED", { reason: `Redis refused a command (${kind})` }, { cause: e });
  return connectionError(e);
};

/** Whether Redis may or may not have run a command, because its answer did not come. */
export const isUncertain = (e: unknown): boolean => replyKind(e) === "" && !(e instanceof HitagiError);

/** The error for a kind of error that Redis names; undefined for an unknown kind. */
export const refusalOf = (kind: string, cause: unknown): HitagiError | undefined => byKind[kind]?.(cause);
export const unreachableFor = (reason: string, cause?: unknown): HitagiError => unreachable(reason)(cause);
