import type { BigIntStats } from "node:fs";
import { type FileHandle, realpath } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { codeOf, isMissing } from "../disk/errno.ts";
import { identityOf, NotRegularError, openRegular, readFirst } from "../disk/regular-files.ts";
import { safeSegments } from "./relative-path.ts";
import type { Fetched, FetchOptions } from "./types.ts";

const unreachable = (reason: string, cause?: unknown) =>
  new HitagiError("SOURCE_UNREACHABLE", { reason }, { cause });

export const realFolder = async (folder: string): Promise<string> => {
  if (!path.isAbsolute(folder)) throw unreachable("its path is one of another operating system");
  try {
    return await realpath(folder);
  } catch (cause) {
    throw unreachable("its folder does not exist or cannot be read", cause);
  }
};

/** Translates a file error. The message shows neither the folder nor the system's message. */
const fileError = (file: string, cause: unknown): HitagiError => {
  const code = codeOf(cause);
  // A link that replaced the file after the path was resolved, or a link to itself.
  if (code === "ELOOP" || (cause instanceof NotRegularError && cause.isLink)) {
    return new HitagiError("SOURCE_PATH_ESCAPES", { path: file }, { cause });
  }
  if (isMissing(cause) || cause instanceof NotRegularError || code === "ENAMETOOLONG") {
    return new HitagiError("SOURCE_FILE_MISSING", { path: file }, { cause });
  }
  return unreachable(`${file} cannot be read`, cause);
};

/** The real path of a file inside the folder. @throws HitagiError SOURCE_PATH_ESCAPES */
const resolveInside = async (folder: string, file: string): Promise<string> => {
  const segments = safeSegments(file);
  const root = await realFolder(folder);
  const real = await realpath(path.join(root, ...segments)).catch((cause) => {
    throw fileError(file, cause);
  });
  const inside = path.relative(root, real);
  if (inside === "" || inside.split(path.sep)[0] === ".." || path.isAbsolute(inside)) {
    throw new HitagiError("SOURCE_PATH_ESCAPES", { path: file });
  }
  return real;
};

/** Changes whenever the file is written or replaced. */
export const etagOf = (stats: BigIntStats): string => `"${identityOf(stats)}"`;

const readOpened = async (
  handle: FileHandle,
  file: string,
  options: Pick<FetchOptions, "maxBytes" | "validators">,
): Promise<Fetched> => {
  const before = await handle.stat({ bigint: true });
  if (before.size > options.maxBytes) {
    throw new HitagiError("SOURCE_TOO_LARGE", { path: file, limit: options.maxBytes });
  }
  const etag = etagOf(before);
  if (options.validators?.etag === etag) return { changed: false };
  const bytes = await readFirst(handle, Number(before.size));
  if (etagOf(await handle.stat({ bigint: true })) !== etag)
    throw unreachable(`${file} changed while it was read`);
  return { changed: true, bytes, validators: { etag } };
};

/** Reads a file of a folder on this machine. @throws HitagiError as Source.fetch does */
export const readLocalFile = async (
  folder: string,
  file: string,
  options: Pick<FetchOptions, "maxBytes" | "validators">,
): Promise<Fetched> => {
  const real = await resolveInside(folder, file);
  const handle = await openRegular(real).catch((cause) => {
    throw fileError(file, cause);
  });
  try {
    return await readOpened(handle, file, options);
  } finally {
    await handle.close();
  }
};
