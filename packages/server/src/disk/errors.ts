import { constants } from "node:os";
import { HitagiError } from "@hitagi/contract";
import { codeOf, isDiskFull } from "./errno.ts";

/** Primary result codes, https://sqlite.org/rescode.html; an extended code holds its primary one in the low byte. */
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_FULL = 13;
const FULL: readonly unknown[] = [constants.errno.ENOSPC, constants.errno.EDQUOT];

interface SqliteError extends Error {
  errcode: number;
  /** SQLite's fixed text for the code, which names no file. */
  errstr: string;
  systemErrno?: number;
}

const isSqliteError = (e: unknown): e is SqliteError =>
  e instanceof Error && "errcode" in e && typeof e.errcode === "number" && "errstr" in e;

/** Whether another connection holds the lock, so that a retry may help. */
export const isBusy = (e: unknown): boolean =>
  isSqliteError(e) && [SQLITE_BUSY, SQLITE_LOCKED].includes(e.errcode & 0xff);

const isFull = (e: unknown): boolean =>
  isSqliteError(e) ? (e.errcode & 0xff) === SQLITE_FULL || FULL.includes(e.systemErrno) : isDiskFull(e);

const reasonOf = (e: unknown): string => (isSqliteError(e) ? e.errstr : (codeOf(e) ?? "its data is damaged"));

/**
 * Turns an error of SQLite or of the file system into one of the table. The original message may name a file or hold
 * values, so it is kept only as the cause, for the log.
 * @returns STORE_LOCKED, DISK_FULL or STORE_FAILED; a HitagiError as it is
 */
export const storeError = (e: unknown): HitagiError => {
  if (e instanceof HitagiError) return e;
  if (isBusy(e)) return new HitagiError("STORE_LOCKED", {}, { cause: e });
  if (isFull(e)) return new HitagiError("DISK_FULL", {}, { cause: e });
  return new HitagiError("STORE_FAILED", { reason: reasonOf(e) }, { cause: e });
};

/** DISK_FULL for an error of the file system that says so; any other error as it is. */
export const diskFullOr = (e: unknown): unknown =>
  isDiskFull(e) ? new HitagiError("DISK_FULL", {}, { cause: e }) : e;

/** What the work on a file gives; undefined where the file does not exist. @throws HitagiError STORE_FAILED, DISK_FULL */
export const ifThere = async <T>(work: Promise<T>): Promise<T | undefined> => {
  try {
    return await work;
  } catch (e) {
    if (codeOf(e) === "ENOENT") return undefined;
    throw storeError(e);
  }
};
