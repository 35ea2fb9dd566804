import { mkdirSync } from "node:fs";
import { lstat, realpath, rename, rm } from "node:fs/promises";
import path from "node:path";
import { holds, makeFolder } from "../../disk/folders.ts";
import type { CallRequest } from "../types.ts";

/** A call's files. Paths are as the plugin sees them, unless said otherwise. */
export interface CallWorkspace {
  tempdir: string;
  file: string | undefined;
  /**
   * The file that the plugin made, moved out of its reach.
   * @param file its name, or without confinement its path. The process must have ended then, or it could replace the file
   *   by a link
   * @returns the path on this machine, until the workspace closes; undefined if it is no regular file in that folder
   */
  take(file: string): Promise<string | undefined>;
  close(): Promise<void>;
}

export interface CallWorkspaces {
  open(request: CallRequest): Promise<CallWorkspace>;
  /** Whether `take` needs the end of the process. */
  readonly takesFromEnded: boolean;
  /** Removes the folders, once the last workspace is closed. */
  dispose(): Promise<void>;
}

/** Moves the file that a plugin made out of its reach. @returns where to; undefined if it is no regular file */
export const moveMadeFile = async (from: string, to: string): Promise<string | undefined> => {
  await makeFolder(path.dirname(to));
  const isMoved = await rename(from, to).then(
    () => true,
    () => false,
  );
  return isMoved && (await lstat(to)).isFile() ? to : undefined;
};

/** Removes a process's folder once its last workspace is closed. */
export const createDisposal = (folder: string) => {
  let open = 0;
  let disposed = false;
  const remove = async (): Promise<void> => {
    if (disposed && open === 0) await rm(folder, { recursive: true, force: true });
  };
  return {
    opened: (): void => void open++,
    closed: (): Promise<void> => {
      open--;
      return remove();
    },
    dispose: (): Promise<void> => {
      disposed = true;
      return remove();
    },
  };
};

/**
 * The workspaces of a process that is not confined.
 * @param folder for the folders of the process; it is made here, and removed by `dispose`
 */
export const createCallWorkspaces = (folder: string): CallWorkspaces & { temporary: string } => {
  const root = path.join(folder, "tmp");
  const taken = path.join(folder, "taken");
  for (const made of [folder, root]) mkdirSync(made);
  const disposal = createDisposal(folder);
  let last = 0;

  /** Links in its folders are followed; the last name is not. */
  const realPath = async (file: string): Promise<string | undefined> => {
    const relative = path.relative(root, path.resolve("/", file));
    if (relative === "" || relative.startsWith("..") || path.isAbsolute(relative)) return undefined;
    const parent = await realpath(path.dirname(path.join(root, relative))).catch(() => "");
    const realRoot = await realpath(root);
    if (!holds(realRoot, parent)) return undefined;
    return path.join(parent, path.basename(relative));
  };

  const take = async (file: string): Promise<string | undefined> => {
    const from = await realPath(file);
    return from && moveMadeFile(from, path.join(taken, path.basename(from)));
  };

  return {
    temporary: root,
    takesFromEnded: true,
    async open({ archiveFile }) {
      disposal.opened();
      const tempdir = path.join(root, String(++last));
      await makeFolder(tempdir);
      return {
        tempdir,
        file: await archiveFile?.(),
        take,
        async close() {
          for (const made of [tempdir, taken]) await rm(made, { recursive: true, force: true });
          await disposal.closed();
        },
      };
    },
    dispose: disposal.dispose,
  };
};
