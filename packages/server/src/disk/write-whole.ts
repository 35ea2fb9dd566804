import { randomUUID } from "node:crypto";
import { readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { storeError } from "./errors.ts";
import { syncFolder } from "./folders.ts";

/** Ends the names of files that are being written, so that the files of a killed process are recognised. */
const PART = ".part";

/** Whether a file is being written, or was when its process died. */
export const isPart = (name: string): boolean => name.endsWith(PART);

/** The file that a path is the unfinished part of; any other path as it is. */
export const withoutPart = (place: string): string => place.replace(/\.[0-9a-f-]{36}\.part$/, "");

interface Content {
  file: string;
  content: Buffer | string;
  /** 0600 by default. */
  mode?: number;
}

/**
 * Writes files of one folder durably. Each file is replaced atomically, in the order given: a reader or a crash
 * sees its old content or the new one, never a part. A write that fails leaves no other file.
 * @throws HitagiError DISK_FULL, STORE_FAILED
 */
export const writeWhole = async (first: Content, ...more: Content[]): Promise<void> => {
  const parts = [first, ...more].map((one) => ({ ...one, part: `${one.file}.${randomUUID()}${PART}` }));
  try {
    await Promise.all(
      parts.map(({ part, content, mode = 0o600 }) =>
        writeFile(part, content, { flag: "wx", mode, flush: true }),
      ),
    );
    for (const { part, file } of parts) await rename(part, file);
    await syncFolder(path.dirname(first.file));
  } catch (e) {
    await Promise.all(parts.map(({ part }) => rm(part, { force: true })));
    throw storeError(e);
  }
};

/** Removes the unfinished files of killed processes. No other process may be writing in the folder. */
export const removeParts = async (folder: string): Promise<void> => {
  const names = await readdir(folder);
  const parts = names.filter(isPart);
  await Promise.all(parts.map((name) => rm(path.join(folder, name), { force: true })));
};
