import { HitagiError } from "@hitagi/contract";

/** Redis begins each error with a word in capitals that says its kind. */
const kindOf = (e: unknown): string =>
  e instanceof Error && e.name === "ReplyError" ? (/^[A-Z]+/.exec(e.message)?.[0] ?? "ERR") : "";

const codeOf = (e: unknown): string | undefined =>
  e instanceof Error && "code" in e && typeof e.code === "string" ? e.code : undefined;

const refused = (reason: string) => (cause: unknown) =>
  new HitagiError("STORE_REFUSED", { reason }, { cause });
const readOnly = (reason: string) => (cause: unknown) =>
  new HitagiError("STORE_READ_ONLY", { reason }, { cause });
const unreachable = (reason: string) => (cause: unknown) =>
  new HitagiError("STORE_UNREACHABLE", { reason }, { cause });

const byKind: Record<string, (cause: unknown) => HitagiError> = {
  WRONGPASS: refused("the user or the password is wrong"),
  NOAUTH: refused("it wants a password"),
  NOPERM: refused("its user may not do all that is needed"),
  READONLY: readOnly("it is a replica"),
  NOREPLICAS: readOnly("it has fewer replicas than it demands"),
  MISCONF: readOnly("it could not write its data to disk"),
  OOM: (cause) => new HitagiError("STORE_FULL", {}, { cause }),
  LOADING: unreachable("it is reading its data from disk"),
  BUSY: unreachable("it is busy with a script"),
  MASTERDOWN: unreachable("its primary is down"),
};

/**
 * The error that the store throws for what went wrong between it and Redis. Redis' own message may hold values, so it
 * stays in `cause` for the log.
 */
export const redisError = (e: unknown): HitagiError => {
  if (e instanceof HitagiError) return e;
  const kind = kindOf(e);
  const known = byKind[kind];
  if (known) return known(e);
  if (kind !== "")
    return new HitagiError("STORE_FAILED", { reason: `Redis refused a command (${kind})` }, { cause: e });
  return unreachable(codeOf(e) ?? "the connection was lost")(e);
};

/** Whether a change may or may not have been made, because its answer did not come. */
export const isUncertain = (e: unknown): boolean => kindOf(e) === "" && !(e instanceof HitagiError);
