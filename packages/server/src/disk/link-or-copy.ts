import { constants, copyFile, link } from "node:fs/promises";

const codeOf = (e: unknown): string | undefined => (e as NodeJS.ErrnoException).code;

/**
 * Gives a file a second name, or makes a copy where the file system has no such thing or the name is on another one. A name that is
 * taken is left as it is. Only for files that are replaced and never written over.
 * @throws the file system's error, ENOENT where the file is gone
 */
export const linkOrCopy = async (file: string, name: string): Promise<void> => {
  try {
    await link(file, name);
  } catch (e) {
    if (codeOf(e) === "EEXIST") return;
    if (codeOf(e) === "ENOENT") throw e;
    await copyFile(file, name, constants.COPYFILE_EXCL).catch((cause: unknown) => {
      if (codeOf(cause) !== "EEXIST") throw cause;
    });
  }
};
