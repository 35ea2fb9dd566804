import { access } from "node:fs/promises";
import path from "node:path";
import type { Namespace } from "@hitagi/contract";
import type { Artifacts } from "../../artifacts/types.ts";
import type { PluginStore } from "../../store/types.ts";
import type { ActivePlugins } from "../types.ts";
import { findSideloaded, type PluginFile, type PluginFolders } from "./scan-files.ts";
import { readPlugin } from "./scan-read.ts";

/** A plugin file that lies in its folder and is not run. */
export interface RejectedFile {
  /** What it says that it is, or what its name suggests where it cannot say it. */
  namespace: Namespace;
  /** Relative to the plugins folder, with `/`; null for a builtin. */
  path: string | null;
  reason: string;
}

/** The files that are not run, so that nothing is installed beside them that would vanish at the next start. */
export interface RejectedFiles {
  /** The file under a namespace that the owner would ask about. */
  get(namespace: Namespace): Promise<RejectedFile | undefined>;
  /**
   * The files in Sideloaded that are not in force and would claim a namespace at the next start, those among them that
   * were put there since the last one. A new one is loaded once, to learn what it is.
   */
  claiming(namespace: Namespace): Promise<RejectedFile[]>;
  /** Notes what the start-up scan has refused, instead of what was known before. */
  replace(files: readonly RejectedFile[]): void;
}

export interface RejectedFilesDeps extends Pick<PluginFolders, "plugins" | "runtimes"> {
  active: Pick<ActivePlugins, "list">;
  store: Pick<PluginStore, "get" | "ownersOf">;
  artifacts: Artifacts;
}

const isSideloaded = ({ path }: RejectedFile): boolean => path?.startsWith("Sideloaded/") === true;

const LATE = "it was put there while the server ran; start the server again to have it looked at";

const readLate = async (found: PluginFile, artifacts: Artifacts): Promise<RejectedFile> => {
  const read = await readPlugin(found, artifacts, undefined);
  const named = "manifest" in read ? read.manifest.namespace : read.namespace;
  const reason = "manifest" in read ? LATE : read.reason;
  return { namespace: named, path: found.path, reason };
};

export const createRejectedFiles = ({
  active,
  store,
  artifacts,
  ...folders
}: RejectedFilesDeps): RejectedFiles => {
  let refused: readonly RejectedFile[] = [];

  const isThere = async ({ path: file }: RejectedFile): Promise<boolean> =>
    file === null ||
    access(path.join(folders.plugins, file)).then(
      () => true,
      () => false,
    );

  const isRecorded = async (file: string): Promise<boolean> => {
    for (const owner of await store.ownersOf(file)) {
      if ((await store.get(owner))?.provenance?.path === file) return true;
    }
    return false;
  };
  /** Those of the files that are in force, or that a record names. */
  const inUseOf = async (files: Iterable<string | null>): Promise<ReadonlySet<string | null>> => {
    const inForce = new Set(active.list().map((plugin) => plugin.path));
    const inUse = new Set<string | null>();
    for (const file of new Set(files)) {
      if (file !== null && (inForce.has(file) || (await isRecorded(file)))) inUse.add(file);
    }
    return inUse;
  };

  /** Forgets the sideloaded files that are gone, and takes in those that are new. */
  const lookAgain = async (): Promise<void> => {
    const lying = await findSideloaded(folders);
    if (lying.length === 0 && refused.length === 0) return;
    const inUse = await inUseOf([...lying, ...refused].map((file) => file.path));
    const loose = lying.filter((found) => !inUse.has(found.path));
    const known = new Map(refused.map((file) => [file.path, file]));
    const now: RejectedFile[] = [];
    for (const found of loose) now.push(known.get(found.path) ?? (await readLate(found, artifacts)));
    const kept = refused.filter((file) => !isSideloaded(file) || inUse.has(file.path));
    refused = [...kept, ...now];
  };

  return {
    async get(namespace) {
      for (const file of refused) {
        if (file.namespace === namespace && (await isThere(file))) return file;
      }
      return undefined;
    },
    async claiming(namespace) {
      await lookAgain();
      return refused.filter((file) => file.namespace === namespace && isSideloaded(file));
    },
    replace: (files) => {
      refused = files;
    },
  };
};
