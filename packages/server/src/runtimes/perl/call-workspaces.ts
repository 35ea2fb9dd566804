import { constants, mkdirSync } from "node:fs";
import { copyFile, link, lstat, mkdir, realpath, rename, rm } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { makeFolder } from "../../disk/folders.ts";
import { type Folders, INSIDE } from "./bubblewrap.ts";

/** What one call has on disk. Paths are as the plugin sees them, unless said otherwise. */
export interface CallWorkspace {
  tempdir: string;
  /** The archive's file, where the call has one. */
  file: string | undefined;
  /**
   * Takes a file that the plugin made in its temporary folder away from it. Its process must have ended, or it could
   * put a link in the way.
   * @returns where it lies on this machine until the room ends
   * @throws HitagiError PLUGIN_FAILED where it is none
   */
  take(file: string): Promise<string>;
  end(): Promise<void>;
}

/** The folders of one process, and of each of its calls in them. */
export interface CallWorkspaces {
  open(archive: string | undefined): Promise<CallWorkspace>;
  /** Removes the folders, once the last room has ended. */
  dispose(): Promise<void>;
}

const noFile = (): HitagiError =>
  new HitagiError("PLUGIN_FAILED", { reason: "provide_url gave a file that is not in its temporary folder" });

/**
 * Shows a file under another name. By a hard link, which costs nothing, and which cannot be written through because its
 * folder is shown read-only; by a copy where the two are on different disks.
 */
const show = async (file: string, as: string): Promise<void> => {
  await link(file, as).catch(() => copyFile(file, as, constants.COPYFILE_FICLONE));
};

/**
 * @param folder holds the folders of one process: it is made, and in the end removed
 * @param confined whether the process sees them at other places, and of archives only those that are shown to it
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

  const removeAll = () => rm(folder, { recursive: true, force: true });

  const showArchive = async (number: string, archive: string): Promise<string> => {
    if (!confined) return archive;
    const name = path.basename(archive);
    await mkdir(path.join(folders.archives, number));
    await show(archive, path.join(folders.archives, number, name));
    return `${INSIDE.archives}/${number}/${name}`;
  };

  /** On this machine, whatever the plugin calls it; links in between are followed, one at its end is not. */
  const outside = async (file: string): Promise<string> => {
    const relative = path.relative(confined ? INSIDE.temporary : folders.temporary, path.resolve("/", file));
    if (relative === "" || relative.startsWith("..") || path.isAbsolute(relative)) throw noFile();
    const within = await realpath(path.dirname(path.join(folders.temporary, relative))).catch(() => "");
    const root = await realpath(folders.temporary);
    if (within !== root && !within.startsWith(`${root}${path.sep}`)) throw noFile();
    return path.join(within, path.basename(relative));
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
        file: archive && (await showArchive(number, archive)),
        async take(file) {
          const from = await outside(file);
          const to = path.join(taken, path.basename(from));
          await makeFolder(taken);
          await rename(from, to).catch(() => {
            throw noFile();
          });
          if (!(await lstat(to)).isFile()) throw noFile();
          return to;
        },
        async end() {
          open--;
          if (disposed && open === 0) return removeAll();
          const own = [temporary, path.join(folders.archives, number), taken];
          await Promise.all(own.map((one) => rm(one, { recursive: true, force: true })));
        },
      };
    },
    async dispose() {
      disposed = true;
      if (open === 0) await removeAll();
    },
  };
};
