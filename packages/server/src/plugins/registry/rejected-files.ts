import path from "node:path";
import type { Namespace } from "@hitagi/contract";
import type { Artifacts } from "../../artifacts/types.ts";
import { exists } from "../../disk/files.ts";
import type { PluginStore } from "../../store/types.ts";
import type { ActivePlugins } from "../types.ts";
import { type RejectedFile, readPlugin } from "./load-plugin.ts";
import { findSideloaded, type PluginFile, type PluginFolders } from "./plugin-files.ts";

/** The plugin files that do not run, so that nothing is installed beside them that would vanish at the next start. */
export interface RejectedFiles {
  get(namespace: Namespace): Promise<RejectedFile | undefined>;
  /**
   * The inactive files in Sideloaded that would claim a namespace at the next start, including those that were put there
   * since the last one. A new file is loaded once, to learn its namespace.
   */
  claiming(namespace: Namespace): Promise<RejectedFile[]>;
  /** Sets what the start-up scan has rejected. */
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
  const read = await readPlugin(found, artifacts);
  return "manifest" in read
    ? { namespace: read.manifest.namespace, path: found.path, reason: LATE }
    : { namespace: read.namespace, path: found.path, reason: read.reason };
};

export const createRejectedFiles = ({
  active,
  store,
  artifacts,
  ...folders
}: RejectedFilesDeps): RejectedFiles => {
  let rejected: readonly RejectedFile[] = [];

  const isRecorded = async (file: string): Promise<boolean> => {
    for (const owner of await store.ownersOf(file)) {
      if ((await store.get(owner))?.provenance?.path === file) return true;
    }
    return false;
  };
  const isActive = (file: string): boolean => active.list().some((plugin) => plugin.path === file);
  const isInUse = async (file: string | null): Promise<boolean> =>
    file !== null && (isActive(file) || (await isRecorded(file)));

  /** Drops the sideloaded files that are gone, and adds those that are new. */
  const refresh = async (): Promise<void> => {
    const known = new Map(rejected.map((file) => [file.path, file]));
    const next: RejectedFile[] = [];
    for (const file of rejected) {
      if (!isSideloaded(file) || (await isInUse(file.path))) next.push(file);
    }
    for (const file of await findSideloaded(folders)) {
      if (!(await isInUse(file.path))) next.push(known.get(file.path) ?? (await readLate(file, artifacts)));
    }
    rejected = next;
  };

  return {
    async get(namespace) {
      for (const file of rejected) {
        if (file.namespace !== namespace) continue;
        if (file.path === null || (await exists(path.join(folders.plugins, file.path)))) return file;
      }
      return undefined;
    },
    async claiming(namespace) {
      await refresh();
      return rejected.filter((file) => file.namespace === namespace && isSideloaded(file));
    },
    replace: (files) => {
      rejected = files;
    },
  };
};
