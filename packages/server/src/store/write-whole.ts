import { randomUUID } from "node:crypto";
import { open, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { storeError } from "./store-error.ts";

/** Marks files that are being written, so that those left by a process that died are known. */
const PART = ".part";

/** Makes the names in a folder durable. Windows has no such call and needs none. */
export const syncFolder = async (folder: string): Promise<void> => {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
};

const write = async (file: string, part: string, content: Buffer | string): Promise<void> => {
  await writeFile(part, content, { flag: "wx", mode: 0o600, flush: true });
  await rename(part, file);
  await syncFolder(path.dirname(file));
};

/**
 * Makes a file hold this content, mode 0600, durably: whoever looks, and whatever fails, sees the old content whole
 * or the new one whole. Nothing else is left of a write that failed.
 * @throws HitagiError DISK_FULL, STORE_FAILED
 */
export const writeWhole = async (file: string, content: Buffer | string): Promise<void> => {
  const part = `${file}.${randomUUID()}${PART}`;
  await write(file, part, content).catch(async (e: unknown) => {
    await rm(part, { force: true });
    throw storeError(e);
  });
};

/** Removes from a folder what processes that died left half written. No other process may be writing there. */
export const removeParts = async (folder: string): Promise<void> => {
  const names = await readdir(folder);
  const parts = names.filter((name) => name.endsWith(PART));
  await Promise.all(parts.map((name) => rm(path.join(folder, name), { force: true })));
};
