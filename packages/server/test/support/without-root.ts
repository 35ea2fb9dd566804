import { chown } from "node:fs/promises";

/** The id of a user and of a group without rights. They need no account. */
export const OTHER_USER = 65_534;

/**
 * Runs a function without root's rights, so that file modes apply to it. Another user needs no change and just runs it.
 * @param folders are given to the user that it runs as
 */
export const withoutRoot = async <T>(folders: readonly string[], run: () => Promise<T>): Promise<T> => {
  if (process.getuid?.() !== 0) return run();
  for (const folder of folders) await chown(folder, OTHER_USER, OTHER_USER);
  process.seteuid?.(OTHER_USER);
  try {
    return await run();
  } finally {
    process.seteuid?.(0);
  }
};
