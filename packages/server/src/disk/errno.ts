import { lstat } from "node:fs/promises";

/** The code of an error of Node or of a library, such as `ENOENT`; undefined where it has none. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

/** Whether a file or a folder above it does not exist. */
export const isMissing = (error: unknown): boolean => ["ENOENT", "ENOTDIR"].includes(codeOf(error) ?? "");

/**
 * Whether a name that a folder lists is not UTF-8: Node reads it with U+FFFD, and no path of it leads there. False for a name that is gone
 * meanwhile, unless it has that character.
 */
export const isNameWithoutPath = async (name: string, absolute: string): Promise<boolean> =>
  name.includes("\ufffd") && (await lstat(absolute).then(() => false, isMissing));

/** What the work on a file gives; undefined if the file or a folder above it does not exist. */
export const unlessMissing = async <T>(work: Promise<T>): Promise<T | undefined> => {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

/** Ignores the error of a name that is taken. @throws any other error */
export const unlessTaken = (error: unknown): void => {
  if (codeOf(error) !== "EEXIST") throw error;
};

/** Whether the disk, or the user's quota on it, is full. */
export const isDiskFull = (error: unknown): boolean => ["ENOSPC", "EDQUOT"].includes(codeOf(error) ?? "");
