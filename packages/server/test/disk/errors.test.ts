import { constants } from "node:os";
import { HitagiError } from "@hitagi/contract";
import { expect, test } from "vitest";
import { codeOf, isDiskFull, isMissing } from "../../src/disk/errno.ts";
import { diskFullOr, ifThere, storeError } from "../../src/disk/errors.ts";

const systemError = (code: string): Error => Object.assign(new Error(`${code}: /secret/path`), { code });
const sqliteError = (errcode: number, systemErrno?: number): Error =>
  Object.assign(new Error("/secret/path"), { errcode, errstr: "disk I/O error", systemErrno });

test("reads the code of a system error, and undefined from other values", () => {
  expect(
    [systemError("EIO"), new Error("x"), Object.assign(new Error("x"), { code: 5 }), "EIO"].map(codeOf),
  ).toEqual(["EIO", undefined, undefined, undefined]);
});

test("ENOENT and ENOTDIR mean that a file is missing; other codes do not", () => {
  expect(["ENOENT", "ENOTDIR", "EACCES"].map((code) => isMissing(systemError(code)))).toEqual([
    true,
    true,
    false,
  ]);
});

test.each(["ENOSPC", "EDQUOT"])("%s from the file system or from SQLite becomes DISK_FULL", (code) => {
  const error = systemError(code);
  expect(isDiskFull(error)).toBe(true);
  expect(storeError(error)).toMatchObject({ code: "DISK_FULL", cause: error });
  expect(diskFullOr(error)).toMatchObject({ code: "DISK_FULL", cause: error });
  const SQLITE_IOERR_WRITE = 778;
  const errno = constants.errno[code as "ENOSPC" | "EDQUOT"];
  expect(storeError(sqliteError(SQLITE_IOERR_WRITE, errno))).toMatchObject({ code: "DISK_FULL" });
});

test("SQLite's codes become STORE_LOCKED, DISK_FULL or STORE_FAILED, without the path of the message", () => {
  const SQLITE_BUSY_SNAPSHOT = 517;
  const codes = [SQLITE_BUSY_SNAPSHOT, 13, 10].map((errcode) => storeError(sqliteError(errcode)).code);
  expect(codes).toEqual(["STORE_LOCKED", "DISK_FULL", "STORE_FAILED"]);
  expect(storeError(sqliteError(10)).message).not.toContain("/secret");
});

test("another system error becomes STORE_FAILED with its code; a HitagiError is unchanged", () => {
  expect(storeError(systemError("EIO"))).toMatchObject({ code: "STORE_FAILED", params: { reason: "EIO" } });
  const known = new HitagiError("DISK_FULL");
  expect(storeError(known)).toBe(known);
  const other = systemError("EIO");
  expect(diskFullOr(other)).toBe(other);
});

test("a missing file is undefined; any other failure becomes a HitagiError", async () => {
  expect(await ifThere(Promise.reject(systemError("ENOENT")))).toBeUndefined();
  expect(await ifThere(Promise.resolve(1))).toBe(1);
  await expect(ifThere(Promise.reject(systemError("EACCES")))).rejects.toMatchObject({
    code: "STORE_FAILED",
  });
});
