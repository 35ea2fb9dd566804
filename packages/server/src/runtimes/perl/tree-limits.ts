import { statfsSync } from "node:fs";
import { INSIDE } from "./bubblewrap.ts";

/** Processes of one plugin, with perl itself and the forwarder; as in Hitagi::Confinement. */
const MAX_PROCESSES = 64;

/** Files in the temporary folder: the size of a folder in memory does not count empty ones. */
const MAX_FILES = 16_384;

const MB = 1024 * 1024;

/** What a process's temporary folder holds; undefined while bubblewrap prepares it, and once the process has exited. */
const temporaryFolder = (perl: number): { files: number; bytes: number } | undefined => {
  try {
    const { files, ffree, blocks, bfree, bsize } = statfsSync(`/proc/${perl}/root${INSIDE.temporary}`);
    return { files: files - ffree, bytes: (blocks - bfree) * bsize };
  } catch {
    return undefined;
  }
};

/**
 * Why a confined process is over a limit; undefined if it is not. The kernel holds most of them itself, so that this watch
 * ends what stays at a limit, and holds the rest.
 * @param tree bubblewrap, the first process of its namespace, perl, and all others
 */
export const treeFault = (tree: readonly number[], folderBytes: number): string | undefined => {
  const [, , perl] = tree;
  if (perl === undefined) return undefined;
  if (tree.length > MAX_PROCESSES) return `it started ${MAX_PROCESSES} processes`;
  const folder = temporaryFolder(perl);
  if (!folder) return undefined;
  if (folder.files > MAX_FILES) return `its temporary folder held more than ${MAX_FILES} files`;
  if (folder.bytes > folderBytes) return `its temporary folder held more than ${folderBytes / MB} MB`;
  return undefined;
};
