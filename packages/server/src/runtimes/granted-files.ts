import type { FileHandle } from "node:fs/promises";
import { access, constants, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { HitagiError, type UnavailableFile } from "@hitagi/contract";
import { codeOf } from "../disk/errno.ts";
import { holds } from "../disk/folders.ts";
import { kernelMounts } from "../disk/kernel-mounts.ts";
import { type FolderEntry, listFolder } from "../disk/list-folder.ts";
import { NotRegularError, openBelow } from "../disk/regular-files.ts";

/** What the server keeps for itself. */
export interface ClosedPlaces {
  /** Its own files and folders. */
  own: readonly string[];
  /** Folders below them that a plugin can be granted all the same. */
  except: readonly string[];
}

/** A granted path on this machine. */
export interface GrantedFile {
  /** Of the plugin. */
  namespace: string;
  /** As it is granted. */
  path: string;
  /** Where it leads, without links. */
  target: string;
  /** Identifies the file that is there now: one that replaces it has another text. */
  id: string;
}

/** Files of this machine that plugins are granted. Each use checks anew what a path leads to. */
export interface FileAccess {
  /** Checks a path that the owner wants to grant. @returns it in its plain form @throws HitagiError FILE_NOT_GRANTABLE */
  check(file: string): Promise<string>;
  /** What granted paths lead to now. @throws HitagiError GRANTED_FILE_UNAVAILABLE */
  resolve(namespace: string, granted: readonly string[]): Promise<readonly GrantedFile[]>;
  /** Those of granted paths that a plugin cannot be given now. */
  unavailable(granted: readonly string[]): Promise<UnavailableFile[]>;
  /**
   * Opens a regular file for a plugin.
   * @throws HitagiError CAPABILITY_DENIED if it is not granted, or a link leads out of what is; FILE_NOT_READ
   */
  open(granted: readonly string[], file: string): Promise<FileHandle>;
  /** The files and folders in a folder. @returns undefined if they are more than `max` @throws as `open` */
  list(granted: readonly string[], folder: string, max: number): Promise<FolderEntry[] | undefined>;
}

/** Where the system shows processes and devices, and where programs listen. */
const SYSTEM = ["/proc", "/sys", "/dev", "/run"];

/** Storage below them: shared memory, and disks that a desktop mounts. */
const NOT_SYSTEM = ["/dev/shm", "/run/media"];

/** Why a path cannot be given to a plugin. */
class Unusable extends Error {}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  ENOTDIR: "a part of the path is no folder",
  EACCES: "the server's user may not read it",
  EPERM: "the server's user may not read it",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "the path is too long",
};

const unusable = (error: unknown): Unusable => {
  if (error instanceof Unusable) return error;
  if (error instanceof NotRegularError) return new Unusable("it is not a regular file", { cause: error });
  const reason = reasons[String(codeOf(error))];
  if (reason === undefined) throw error;
  return new Unusable(reason, { cause: error });
};

/** Whether a path is in a closed place, and in none of the open folders below that place. */
const isIn = (place: string, target: string, open: readonly string[]): boolean =>
  holds(place, target) &&
  !open.some((folder) => folder !== place && holds(place, folder) && holds(folder, target));

const realPathOf = (file: string): Promise<string> => realpath(file).catch(() => path.resolve(file));

/** Why a real path is closed to plugins; undefined if it is not. */
const whyClosed = async (target: string, { own, except }: ClosedPlaces): Promise<string | undefined> => {
  const system = [...SYSTEM, ...(await kernelMounts())];
  if (system.some((place) => isIn(place, target, NOT_SYSTEM))) return "it belongs to the system";
  if (system.some((place) => holds(target, place))) return "the system shows processes or devices in it";
  const [places, open] = await Promise.all([own, except].map((files) => Promise.all(files.map(realPathOf))));
  if (places?.some((place) => isIn(place, target, open ?? []))) return "it is part of the server's own data";
  if (places?.some((place) => holds(target, place))) return "it holds the server's own data";
  return undefined;
};

/** Where a granted path leads. @throws Unusable */
const resolveGranted = async (
  file: string,
  closed: ClosedPlaces,
): Promise<Omit<GrantedFile, "namespace">> => {
  try {
    const target = await realpath(file);
    const reason = await whyClosed(target, closed);
    if (reason) throw new Unusable(reason);
    const found = await stat(target, { bigint: true });
    if (!found.isFile() && !found.isDirectory()) throw new Unusable("it is neither a file nor a folder");
    await access(target, constants.R_OK | (found.isDirectory() ? constants.X_OK : 0));
    return { path: file, target, id: `${found.dev}:${found.ino}` };
  } catch (e) {
    throw unusable(e);
  }
};

const denied = (file: string, reason: string): HitagiError =>
  new HitagiError("CAPABILITY_DENIED", { action: `read ${file}`, reason });

/** The longest granted path that holds a file. @throws HitagiError CAPABILITY_DENIED */
const rootOf = (granted: readonly string[], file: string): string => {
  const plain = path.isAbsolute(file) ? path.resolve(file) : file;
  const [root] = granted.filter((r) => holds(r, plain)).sort((a, b) => b.length - a.length);
  if (root === undefined)
    throw denied(file, "it is not granted; its owner grants it with `hitagi grant <plugin> --read`");
  return root;
};

/** Access to files, except those of closed places. */
export const createFileAccess = (closed: ClosedPlaces = { own: [], except: [] }): FileAccess => {
  /** Uses a granted file by the real paths of its root and of itself. */
  const use = async <T>(
    granted: readonly string[],
    file: string,
    work: (root: string, target: string) => Promise<T>,
  ): Promise<T> => {
    const root = rootOf(granted, file);
    try {
      const { target: base } = await resolveGranted(root, closed);
      const target = await realpath(path.resolve(file));
      if (!holds(base, target)) throw denied(file, "a link leads out of what is granted");
      return await work(base, target);
    } catch (e) {
      if (e instanceof HitagiError) throw e;
      throw new HitagiError("FILE_NOT_READ", { path: file, reason: unusable(e).message }, { cause: e });
    }
  };

  return {
    async check(file) {
      try {
        if (!path.isAbsolute(file)) throw new Unusable("it is not an absolute path");
        return (await resolveGranted(path.resolve(file), closed)).path;
      } catch (e) {
        throw new HitagiError(
          "FILE_NOT_GRANTABLE",
          { path: file, reason: unusable(e).message },
          { cause: e },
        );
      }
    },
    resolve: (namespace, granted) =>
      Promise.all(
        granted.map((file) =>
          resolveGranted(file, closed).then(
            (found) => ({ namespace, ...found }),
            (e: unknown) => {
              const { message: reason } = unusable(e);
              throw new HitagiError(
                "GRANTED_FILE_UNAVAILABLE",
                { namespace, path: file, reason },
                { cause: e },
              );
            },
          ),
        ),
      ),
    unavailable: async (granted) => {
      const reasons = granted.map((file) =>
        resolveGranted(file, closed).then(
          () => [],
          (e: unknown) => [{ path: file, reason: unusable(e).message }],
        ),
      );
      return (await Promise.all(reasons)).flat();
    },
    open: (granted, file) =>
      use(granted, file, (root, target) => {
        const folder = root === target ? path.dirname(root) : root;
        return openBelow(folder, path.relative(folder, target).replaceAll(path.sep, "/"));
      }),
    list: (granted, folder, max) => use(granted, folder, (_, target) => listFolder(target, max)),
  };
};
