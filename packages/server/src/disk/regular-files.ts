import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, lstat, open, readlink, realpath, unlink } from "node:fs/promises";
import path from "node:path";
import { codeOf, isMissing } from "./errno.ts";
import { makeFolder } from "./folders.ts";

/** Something else is where a regular file belongs: a link, a pipe, a device, a socket, a folder. */
export class NotRegularError extends Error {
  readonly code = "NOT_REGULAR";
  /** Whether the system refused it as a link. */
  readonly isLink: boolean;
  readonly path: string;
  constructor(file: string, isLink = false) {
    super(`${file} is not a regular file`);
    this.path = file;
    this.isLink = isLink;
  }
}

/** A link is not followed. Windows has no such flag. */
const NO_LINK = constants.O_NOFOLLOW ?? 0;
/** Nothing else is opened. Windows has no such flag. */
const ONLY_FOLDER = constants.O_DIRECTORY ?? 0;
/** A pipe without a writer does not block. Windows has no such flag. */
const NO_WAIT = constants.O_NONBLOCK ?? 0;

/** What the system answers for a link: ELOOP on Linux and macOS, EMLINK on BSD. */
const LINK: readonly unknown[] = ["ELOOP", "EMLINK"];
/** What the system answers for a socket or a device without a driver. */
const UNREADABLE: readonly unknown[] = ["ENXIO", "EOPNOTSUPP", "ENODEV"];

const openWith = async (file: string, flags: number): Promise<FileHandle> => {
  try {
    return await open(file, flags | NO_WAIT);
  } catch (e) {
    const isLink = LINK.includes(codeOf(e));
    throw isLink || UNREADABLE.includes(codeOf(e)) ? new NotRegularError(file, isLink) : e;
  }
};

/** The handle, if the check passes; else it is closed. */
const checked = async (
  handle: FileHandle,
  check: () => Promise<boolean>,
  file: string,
): Promise<FileHandle> => {
  try {
    if (await check()) return handle;
    throw new NotRegularError(file);
  } catch (e) {
    await handle.close();
    throw e;
  }
};

/** An open regular file and its size when it was opened. */
interface OpenFile {
  handle: FileHandle;
  size: number;
}

const openSized = async (file: string, mayBeLink = false): Promise<OpenFile> => {
  const handle = await openWith(file, constants.O_RDONLY | (mayBeLink ? 0 : NO_LINK));
  let size = 0;
  const isFile = async () => {
    const found = await handle.stat();
    size = found.size;
    return found.isFile();
  };
  await checked(handle, isFile, file);
  return { handle, size };
};

/**
 * Opens a regular file for reading. Only the last name is checked: the folders above it may be links.
 * @param mayBeLink follows a link of the last name too: only for a folder that others cannot write to
 * @throws NotRegularError for a link, a pipe, a device, a socket or a folder; the file system's error
 */
export const openRegular = async (file: string, mayBeLink = false): Promise<FileHandle> =>
  (await openSized(file, mayBeLink)).handle;

/** Reads a regular file as a whole. @throws as {@link openRegular} */
export const readRegular = async (file: string, mayBeLink = false): Promise<Buffer> => {
  const handle = await openRegular(file, mayBeLink);
  return handle.readFile().finally(() => handle.close());
};

/** A text that differs for another file, and after each change of this one. */
export const identityOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  [dev, ino, size, mtimeNs, ctimeNs].join("-");

/** Reads the first `size` bytes of an open file, or fewer if it has become shorter. */
export const readFirst = (handle: FileHandle, size: number): Promise<Buffer> => readAt(handle, 0, size);

/** Reads `size` bytes of an open file from a place on, or fewer if it is shorter. */
export const readAt = async (handle: FileHandle, offset: number, size: number): Promise<Buffer> => {
  const bytes = Buffer.alloc(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await handle.read(bytes, filled, size - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
};

/** Reads the beginning of a regular file, or all of a shorter one. @throws as {@link openRegular} */
export const readBeginning = async (file: string, maxBytes: number): Promise<Buffer> => {
  const { handle, size } = await openSized(file);
  try {
    return await readFirst(handle, Math.min(maxBytes, size));
  } finally {
    await handle.close();
  }
};

/**
 * A path of an open file for code that opens it again. On Linux it leads to this very file, also if its name is another's by now;
 * elsewhere it is the name.
 */
export const pathOfOpen = (handle: FileHandle, file: string): string =>
  process.platform === "linux" ? `/proc/self/fd/${handle.fd}` : file;

/** Whether an open file is at its path, so that no folder above it is a link. */
const isAt = async (handle: FileHandle, file: string): Promise<boolean> => {
  const found =
    process.platform === "linux" ? await readlink(pathOfOpen(handle, file)) : await realpath(file);
  // The file was removed after it was opened.
  return found === file || found === `${file} (deleted)`;
};

/** The real path of a folder, and the path below it. @throws NotRegularError for a path that leads out of it */
const resolveBelow = async (folder: string, relative: string): Promise<string> => {
  const names = relative.split("/");
  if (relative.includes("\0") || names.some((name) => name === "" || name === "." || name === ".."))
    throw new NotRegularError(relative);
  return path.join(await realpath(folder), ...names);
};

/**
 * Opens a file below a folder for reading. The folder itself may be a link, as its owner set it up; below it, no link is followed.
 * @param relative with `/`
 * @throws NotRegularError for a path with `..` or a link in it, and for what is no regular file; the file system's error
 */
export const openBelow = async (folder: string, relative: string): Promise<FileHandle> => {
  const file = await resolveBelow(folder, relative);
  const handle = await openRegular(file);
  return checked(handle, () => isAt(handle, file), file);
};

/**
 * Opens a folder, for paths below {@link pathOfOpen}.
 * @throws NotRegularError if a name of its path is a link; the file system's error
 */
export const openFolder = async (folder: string): Promise<FileHandle> => {
  const handle = await openWith(folder, constants.O_RDONLY | ONLY_FOLDER | NO_LINK);
  return checked(handle, () => isAt(handle, folder), folder);
};

/**
 * Opens a folder below another one, for paths below {@link pathOfOpen}, and makes it where it is missing. The other one may be a link, as
 * its owner set it up; below it, no link is followed.
 * @param relative with `/`; empty for the folder itself
 * @throws NotRegularError for a path with `..` or a link in it, and for what is no folder; the file system's error
 */
export const makeBelow = async (folder: string, relative: string): Promise<FileHandle> => {
  let place = await realpath(folder);
  const names =
    relative === "" ? [] : path.relative(place, await resolveBelow(folder, relative)).split(path.sep);
  let handle = await openFolder(place);
  for (const name of names) {
    const parent = handle;
    place = path.join(place, name);
    try {
      await makeFolder(path.join(pathOfOpen(parent, path.dirname(place)), name)).catch((e: unknown) => {
        if (codeOf(e) !== "EEXIST") throw e;
      });
      handle = await openFolder(place);
    } finally {
      await parent.close();
    }
  }
  return handle;
};

/** Whether {@link openBelow} would open a file. */
export const isRegularBelow = async (folder: string, relative: string): Promise<boolean> => {
  try {
    await (await openBelow(folder, relative)).close();
    return true;
  } catch (e) {
    if (e instanceof NotRegularError || isMissing(e)) return false;
    throw e;
  }
};

/**
 * Removes a file or a link below a folder, if it exists. Removes no folder, and nothing if a folder above it is a link.
 * @throws the file system's error
 */
export const removeBelow = async (folder: string, relative: string): Promise<void> => {
  try {
    const file = await resolveBelow(folder, relative);
    const parent = path.dirname(file);
    const handle = await openFolder(parent);
    const name = path.join(pathOfOpen(handle, parent), path.basename(file));
    try {
      if (!(await lstat(name)).isDirectory()) await unlink(name);
    } finally {
      await handle.close();
    }
  } catch (e) {
    if (!(e instanceof NotRegularError) && !isMissing(e)) throw e;
  }
};
