import { openRegular } from "../../src/disk/regular-files.ts";
import * as zip from "../../src/library/zip.ts";
import type { Directories } from "../../src/library/zip-directories.ts";

const withOpen = async <T>(file: string, use: (opened: zip.OpenFile) => Promise<T>): Promise<T> => {
  const handle = await openRegular(file);
  try {
    return await use({ handle, stats: await handle.stat({ bigint: true }) });
  } finally {
    await handle.close();
  }
};

/** Keeps nothing. */
const fresh: Directories = (_stats, read) => read();

/** The files in a zip by its path; see zip.ts. */
export const zipEntries = (file: string, directories = fresh) =>
  withOpen(file, (opened) => zip.zipEntries(opened, directories));

/** One file of a zip by its path; see zip.ts. */
export const readZipEntry = (file: string, name: string, maxBytes: number, directories = fresh) =>
  withOpen(file, (opened) => zip.readZipEntry(opened, name, maxBytes, directories));
