import { rm } from "node:fs/promises";
import path from "node:path";
import type { Logger } from "pino";
import { createLocalArtifacts } from "../artifacts/local.ts";
import { createSharedArtifacts } from "../artifacts/shared.ts";
import type { Artifacts } from "../artifacts/types.ts";
import { isMissing } from "../disk/errno.ts";
import { linkOrCopy } from "../disk/files.ts";
import { makeFolder } from "../disk/folders.ts";
import type { ArtifactShare, PluginRecord, Store } from "../store/types.ts";
import { artifactFiles, knownHosts, partFiles } from "./part-files.ts";
import { restorePluginFiles } from "./plugin-files.ts";
import { type PartFile, type ServerFolders, STORE_NAME } from "./types.ts";

export interface SnapshotDeps {
  folders: ServerFolders;
  store: Store;
  /** Where the bytes of plugins are shared, where that is not the store. */
  share?: ArtifactShare | undefined;
  log: Pick<Logger, "warn">;
  /** Opens what the store's `copy` wrote. */
  openCopy(file: string): Promise<Store>;
}

/** Tries at most. One is enough but for a plugin that is installed and removed again within an instant. */
const TRIES = 5;

/** Gives a file a second name in the backup. One that went meanwhile is left out. */
const take = async ({ part, path: relative, file }: PartFile, folder: string): Promise<boolean> => {
  const name = path.join(folder, part, relative);
  await makeFolder(path.dirname(name), 0o700);
  try {
    await linkOrCopy(file, name);
    return true;
  } catch (e) {
    if (isMissing(e)) return false;
    throw e;
  }
};

/** Takes the bytes of every kept version: this machine may lack some that others have. */
const takeShared = async (
  copied: Store,
  records: readonly PluginRecord[],
  artifacts: Artifacts,
): Promise<void> => {
  for (const { namespace } of records) {
    for (const { sha256 } of await copied.plugins.versions(namespace)) await artifacts.read(sha256);
  }
};

const gatherOnce = async (
  { folders, store, share, openCopy, log }: SnapshotDeps,
  folder: string,
): Promise<string[]> => {
  await makeFolder(path.join(folder, "store"), 0o700);
  // Before the copy and after it: a version that the copy names may be forgotten meanwhile, or be new.
  for await (const file of artifactFiles(folders)) await take(file, folder);
  const copy = path.join(folder, "store", STORE_NAME);
  await store.copy(copy);
  const plugins: string[] = [];
  for await (const file of partFiles(folders, "plugins"))
    if (await take(file, folder)) plugins.push(file.path);
  // With the kept versions once more, after the plugins: each version is kept before it is put in place.
  for await (const file of partFiles(folders, "data")) await take(file, folder);
  await take(knownHosts(folders), folder);
  const copied = await openCopy(copy);
  try {
    const local = createLocalArtifacts(path.join(folder, "data", "artifacts"));
    const inStore = store.shared?.artifacts;
    const artifacts = inStore
      ? createSharedArtifacts({ local, share: share ?? inStore, previousShare: share && inStore, log })
      : local;
    const records = await copied.plugins.list();
    if (inStore) await takeShared(copied, records, artifacts);
    return await restorePluginFiles({ folder: path.join(folder, "plugins"), artifacts }, records, plugins);
  } finally {
    await copied.close();
  }
};

/**
 * Gathers all but the archives in a folder, while the server works: the store's own copy, which says what instant it shows, and second names of files that are never written over. Takes next to no room but that of the store.
 * @param folder emptied first
 * @throws HitagiError DISK_FULL, STORE_FAILED, or the file system's error
 */
export const takeSnapshot = async (deps: SnapshotDeps, folder: string): Promise<void> => {
  let before: string | undefined;
  for (let left = TRIES; left > 0; left--) {
    await rm(folder, { recursive: true, force: true });
    const differing = (await gatherOnce(deps, folder)).sort().join("\n");
    // What stays the same was not changed by an operation under way: it is how its owner left it.
    if (differing === "" || differing === before) return;
    before = differing;
  }
};
