import { randomUUID } from "node:crypto";
import { lstat, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { isHitagiError, MAX_ARTIFACT_FILE_BYTES } from "@hitagi/contract";
import { codeOf } from "../../disk/errno.ts";
import { NotRegularError, readBeginning } from "../../disk/regular-files.ts";
import { sha256Of } from "../../disk/sha256.ts";
import { isPart, writeWhole } from "../../disk/write-whole.ts";
import { isSha256 } from "../local.ts";
import type { ExternalShare } from "../types.ts";
import { SHARE_TIMEOUT_MS, unreachable, unusable, withTimeout } from "./errors.ts";

/** Milliseconds after which an unfinished file counts as abandoned. */
const ABANDONED_MS = 86_400_000;

/** The file system's code, which the errors of `writeAtomically` have in their cause. */
const errnoOf = (e: unknown): string | undefined => codeOf(isHitagiError(e) ? e.cause : e);

/** The file system's errors that do not pass by themselves. */
const PERMANENT: Record<string, string> = {
  ENOENT: "the folder is not there; make it, or mount the disk that it is on",
  ENOTDIR: "it is no folder",
  EACCES: "this user may not read and write the folder",
  EPERM: "this user may not read and write the folder",
  EROFS: "the folder's disk is read-only",
};

const fault = (e: unknown): unknown => {
  if (isHitagiError(e, "DISK_FULL") || isHitagiError(e, "ARTIFACTS_UNREACHABLE")) return e;
  const code = errnoOf(e);
  const permanent = code && PERMANENT[code];
  return permanent ? unusable(permanent, e) : unreachable(`its disk fails (${code || "unknown"})`, e);
};

const removeAbandoned = async (folder: string): Promise<void> => {
  for (const name of (await readdir(folder)).filter(isPart)) {
    const file = path.join(folder, name);
    const found = await lstat(file).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > ABANDONED_MS) await rm(file, { force: true });
  }
};

/**
 * Artifacts in a folder that all servers mount, such as NFS: the bytes in `<sha256>`, the manifest in `<sha256>.json`. Several servers may
 * write one artifact at the same time without a lock, because a file appears whole, under the name of its content. A missing folder is
 * not created: its disk may not be mounted.
 * @param timeoutMs for each operation, also on a disk that hangs
 */
export const createFolderShare = (folder: string, timeoutMs = SHARE_TIMEOUT_MS): ExternalShare => {
  const bytesAt = (sha256: string): string => path.join(folder, isSha256(sha256) ? sha256 : "none");
  const manifestAt = (sha256: string): string => `${bytesAt(sha256)}.json`;
  const bounded = <T>(work: () => Promise<T>): Promise<T> =>
    withTimeout(timeoutMs, work).catch((e: unknown) => {
      throw fault(e);
    });
  /** Undefined where the folder exists and has no such regular file. */
  const ifThere = async <T>(work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (e) {
      if (codeOf(e) !== "ENOENT" && !(e instanceof NotRegularError)) throw e;
      await readdir(folder);
      return undefined;
    }
  };
  /** A file that is larger than an artifact is truncated, so that its hash does not match. */
  const read = (file: string) => ifThere(readBeginning(file, MAX_ARTIFACT_FILE_BYTES + 1));

  return {
    put: (sha256, bytes, manifest) =>
      bounded(async () => {
        const stored = await read(bytesAt(sha256));
        const described = { file: manifestAt(sha256), content: manifest };
        if (stored && sha256Of(stored) === sha256) return writeWhole(described);
        await writeWhole(described, { file: bytesAt(sha256), content: bytes });
      }),
    has: (sha256) =>
      bounded(async () => {
        const found = [bytesAt(sha256), manifestAt(sha256)].map((file) => ifThere(lstat(file)));
        return (await Promise.all(found)).every((one) => one?.isFile());
      }),
    read: (sha256) =>
      bounded(async () => {
        const [bytes, manifest] = await Promise.all([bytesAt(sha256), manifestAt(sha256)].map(read));
        return bytes && manifest && { bytes, manifest: manifest.toString("utf8") };
      }),
    remove: (sha256) =>
      bounded(async () => {
        await rm(bytesAt(sha256), { force: true });
        await rm(manifestAt(sha256), { force: true });
      }),
    check: () =>
      bounded(async () => {
        const probe = path.join(folder, `.hitagi-check-${randomUUID()}`);
        await readdir(folder);
        try {
          await writeWhole({ file: probe, content: "hitagi" });
          await readFile(probe);
        } finally {
          await rm(probe, { force: true });
        }
        await removeAbandoned(folder);
      }),
    close: async () => {},
  };
};
