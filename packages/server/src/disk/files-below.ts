import { realpath } from "node:fs/promises";
import path from "node:path";
import { codeOf, unlessMissing } from "./errno.ts";
import { makeBelow, NotRegularError, openBelow, pathOfOpen } from "./regular-files.ts";
import { writeWhole } from "./write-whole.ts";

/** A file, or a folder on its way, is a link or of another kind. What it leads to is as it was. */
class LinkBelowError extends Error {
  readonly code = "LINK_BELOW";
  /** The file or folder that is refused. */
  readonly path: string;
  constructor(file: string, cause: unknown) {
    super(`${file}, or a folder on its way, is a link or of another kind`, { cause });
    this.name = new.target.name;
    this.path = file;
  }
}

/** Names what an opening was refused for. */
const refuseLink = (error: unknown): never => {
  const { path: file } = Object(error) as { path?: unknown };
  const isRefused = error instanceof NotRegularError || codeOf(error) === "ENOTDIR";
  throw isRefused && typeof file === "string" ? new LinkBelowError(file, error) : error;
};

/**
 * The text of a file below a folder; undefined where it is missing. Below the folder, no link is followed.
 * @param relative with `/`
 * @throws LinkBelowError; the file system's error
 */
export const readBelow = async (folder: string, relative: string): Promise<string | undefined> => {
  const handle = await unlessMissing(openBelow(folder, relative)).catch(refuseLink);
  return handle?.readFile("utf8").finally(() => handle.close());
};

/** Names the file of an error by a path that a person knows, where it was reached through the open folder. */
const nameFile = (error: unknown, opened: string, folder: string): void => {
  const { path: file, cause } = Object(error) as { path?: unknown; cause?: unknown };
  if (typeof file === "string" && file.startsWith(opened + path.sep))
    Object.assign(error as Error, { path: folder + file.slice(opened.length) });
  if (cause !== undefined) nameFile(cause, opened, folder);
};

/**
 * Works in a folder below another one, which is made where it is missing. Below the other one, no link is followed.
 * @param relative with `/`; empty for the folder itself
 * @param work gets the folder's path, which on Linux leads to it also when its name is another's by now
 * @throws LinkBelowError; the file system's error; what the work throws
 */
export const inFolderBelow = async <T>(
  folder: string,
  relative: string,
  work: (place: string) => Promise<T>,
): Promise<T> => {
  const opened = await makeBelow(folder, relative).catch(refuseLink);
  const real = path.join(await realpath(folder), relative);
  const place = pathOfOpen(opened, real);
  try {
    return await work(place);
  } catch (error) {
    nameFile(error, place, real);
    throw error;
  } finally {
    await opened.close();
  }
};

/**
 * Writes a file below a folder as a whole, and makes the folders above it. No link is followed: one in the file's place is replaced.
 * @param relative with `/`
 * @throws LinkBelowError; HitagiError DISK_FULL, STORE_FAILED
 */
export const writeBelow = (folder: string, relative: string, content: Buffer | string): Promise<void> => {
  const { dir, base } = path.posix.parse(relative);
  return inFolderBelow(folder, dir, (place) =>
    writeWhole({ file: path.join(place, base), content, mode: 0o644 }),
  );
};
