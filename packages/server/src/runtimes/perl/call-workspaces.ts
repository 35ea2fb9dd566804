import { mkdirSync } from "node:fs";
import { lstat, mkdir, realpath, rename, rm } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { linkOrCopy } from "../../disk/files.ts";
import { makeFolder } from "../../disk/folders.ts";
import { type Folders, INSIDE } from "./bubblewrap.ts";

/** A call's files. Paths are as the plugin sees them, unless said otherwise. */
export interface CallWorkspace {
  tempdir: string;
  file: string | undefined;
  /**
   * Moves a file that the plugin made out of its temporary folder. Its process must have ended, or it could replace the
   * file by a link.
   * @returns the path on this machine, until the workspace closes
   * @throws HitagiError PLUGIN_FAILED if it is no regular file in that folder
   */
  take(file: string): Promise<string>;
  close(): Promise<void>;
}

export interface CallWorkspaces {
  open(archive: string | undefined): Promise<CallWorkspace>;
  /** Removes the folders, once the last workspace is closed. */
  dispose(): Promise<void>;
}

const noFile = (): HitagiError =>
  new HitagiError("PLUGIN_FAILED", { reason: "provide_url gave a file that is not in its temporary folder" });

/**
 * @param folder for the folders of one process; it is made here, and removed by `dispose`
 * @param confined whether the process sees the folders at other paths, and only the archives that are linked into them
 */
export const createCallWorkspaces = (
  folder: string,
  harness: string,
  confined: boolean,
): CallWorkspaces & { folders: Folders } => {
  const folders = {
    harness,
    temporary: path.join(folder, "tmp"),
    archives: path.join(folder, "archives"),
  };
  const taken = path.join(folder, "taken");
  for (const made of [folder, folders.temporary, folders.archives]) mkdirSync(made);
  let last = 0;
  let open = 0;
  let disposed = false;

  const remove = (one: string) => rm(one, { recursive: true, force: true });

  const linkArchive = async (number: string, archive: string): Promise<string> => {
    if (!confined) return archive;
    const name = path.basename(archive);
    await mkdir(path.join(folders.archives, number));
    // The folder is mounted read-only, so the plugin cannot write through a hard link.
    await linkOrCopy(archive, path.join(folders.archives, number, name));
    return `${INSIDE.archives}/${number}/${name}`;
  };

  /** The path on this machine. Links in its folders are followed; the last name is not. */
  const toHostPath = async (file: string): Promise<string> => {
    const relative = path.relative(confined ? INSIDE.temporary : folders.temporary, path.resolve("/", file));
    if (relative === "" || relative.startsWith("..") || path.isAbsolute(relative)) throw noFile();
    const parent = await realpath(path.dirname(path.join(folders.temporary, relative))).catch(() => "");
    const root = await realpath(folders.temporary);
    if (parent !== root && !parent.startsWith(`${root}${path.sep}`)) throw noFile();
    return path.join(parent, path.basename(relative));
  };

  const take = async (file: string): Promise<string> => {
    const from = await toHostPath(file);
    const to = path.join(taken, path.basename(from));
    await makeFolder(taken);
    await rename(from, to).catch(() => {
      throw noFile();
    });
    if (!(await lstat(to)).isFile()) throw noFile();
    return to;
  };

  return {
    folders,
    async open(archive) {
      open++;
      const number = String(++last);
      const temporary = path.join(folders.temporary, number);
      await makeFolder(temporary);
      return {
        tempdir: confined ? `${INSIDE.temporary}/${number}` : temporary,
        file: archive && (await linkArchive(number, archive)),
        take,
        async close() {
          open--;
          if (disposed && open === 0) return remove(folder);
          await Promise.all([temporary, path.join(folders.archives, number), taken].map(remove));
        },
      };
    },
    async dispose() {
      disposed = true;
      if (open === 0) await remove(folder);
    },
  };
};
