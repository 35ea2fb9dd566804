import { HitagiError } from "@hitagi/contract";

/** Primary result codes, https://sqlite.org/rescode.html; the extended ones hold them in their low byte. */
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_FULL = 13;
const ENOSPC = 28;

interface SqliteError extends Error {
  errcode: number;
  /** SQLite's fixed text for the code, which names no file. */
  errstr: string;
  systemErrno?: number;
}

const isSqliteError = (e: unknown): e is SqliteError =>
  e instanceof Error && "errcode" in e && typeof e.errcode === "number" && "errstr" in e;

/** Whether another connection holds the lock that was needed, so that trying again may help. */
export const isBusy = (e: unknown): boolean =>
  isSqliteError(e) && [SQLITE_BUSY, SQLITE_LOCKED].includes(e.errcode & 0xff);

const isDiskFull = (e: unknown): boolean =>
  isSqliteError(e) ? (e.errcode & 0xff) === SQLITE_FULL || e.systemErrno === ENOSPC : codeOf(e) === "ENOSPC";

const codeOf = (e: unknown): unknown => (e instanceof Error && "code" in e ? e.code : undefined);

const reasonOf = (e: unknown): string => {
  if (isSqliteError(e)) return e.errstr;
  const code = codeOf(e);
  return typeof code === "string" ? code : "its data is damaged";
};

/**
 * The error that the store throws for what went wrong inside it. SQLite's own message may name a file or hold
 * values, so only its text for the code goes on, and the rest stays in `cause` for the log.
 */
export const storeError = (e: unknown): HitagiError => {
  if (e instanceof HitagiError) return e;
  if (isBusy(e)) return new HitagiError("STORE_LOCKED", {}, { cause: e });
  if (isDiskFull(e)) return new HitagiError("DISK_FULL", {}, { cause: e });
  return new HitagiError("STORE_FAILED", { reason: reasonOf(e) }, { cause: e });
};
