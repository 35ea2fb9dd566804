import { chown } from "node:fs/promises";

const NOBODY = 65_534;

/**
 * Runs something without root's rights, so that the modes of files apply to it. Anybody but root just runs it.
 * @param folders are given to the user that it runs as
 */
export const withoutRoot = async <T>(folders: readonly string[], run: () => Promise<T>): Promise<T> => {
  if (process.getuid?.() !== 0) return run();
  for (const folder of folders) await chown(folder, NOBODY, NOBODY);
  process.seteuid?.(NOBODY);
  try {
    return await run();
  } finally {
    process.seteuid?.(0);
  }
};
