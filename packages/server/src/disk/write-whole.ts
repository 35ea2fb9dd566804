import { randomUUID } from "node:crypto";
import { readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { storeError } from "./errors.ts";
import { syncFolder } from "./folders.ts";

/** Marks files that are being written, so that those left by a process that died are known. */
const PART = ".part";

/** Whether a name is that of a file that is being written, or was when its process died. */
export const isPart = (name: string): boolean => name.endsWith(PART);

/** What {@link writeWhole} writes. */
interface Content {
  file: string;
  content: Buffer | string;
}

/**
 * Makes files of one folder hold this content, mode 0600, durably: whoever looks at one, and whatever fails, sees its
 * old content whole or the new one whole. They are put in place in their order. Nothing else is left of a write that
 * failed.
 * @throws HitagiError DISK_FULL, STORE_FAILED
 */
export const writeWhole = async (first: Content, ...more: Content[]): Promise<void> => {
  const parts = [first, ...more].map((one) => ({ ...one, part: `${one.file}.${randomUUID()}${PART}` }));
  try {
    await Promise.all(
      parts.map(({ part, content }) => writeFile(part, content, { flag: "wx", mode: 0o600, flush: true })),
    );
    for (const { part, file } of parts) await rename(part, file);
    await syncFolder(path.dirname(first.file));
  } catch (e) {
    await Promise.all(parts.map(({ part }) => rm(part, { force: true })));
    throw storeError(e);
  }
};

/** Removes from a folder what processes that died left half written. No other process may be writing there. */
export const removeParts = async (folder: string): Promise<void> => {
  const names = await readdir(folder);
  const parts = names.filter(isPart);
  await Promise.all(parts.map((name) => rm(path.join(folder, name), { force: true })));
};
