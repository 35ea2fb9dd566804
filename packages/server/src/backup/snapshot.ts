import { rm } from "node:fs/promises";
import path from "node:path";
import type { Logger } from "pino";
import { createLocalArtifacts } from "../artifacts/local.ts";
import { createSharedArtifacts } from "../artifacts/shared.ts";
import type { Artifacts } from "../artifacts/types.ts";
import { unlessMissing } from "../disk/errno.ts";
import { linkOrCopy } from "../disk/files.ts";
import { makeFolder } from "../disk/folders.ts";
import type { ArtifactShare, PluginRecord, Store } from "../store/types.ts";
import { artifactFiles, knownHosts, partFiles } from "./part-files.ts";
import { restorePluginFiles } from "./plugin-files.ts";
import { type PartFile, type ServerFolders, STORE_NAME } from "./types.ts";

export interface SnapshotDeps {
  folders: ServerFolders;
  store: Store;
  /** Where servers share artifacts outside the store. */
  share?: ArtifactShare | undefined;
  log: Pick<Logger, "warn">;
  /** Opens a file that the store's `copy` wrote. */
  openCopy(file: string): Promise<Store>;
}

/** Attempts. One is enough unless a plugin is installed and removed within a moment. */
const ATTEMPTS = 5;

/** Links a file into the snapshot. @returns false for a file that was removed meanwhile */
const link = async ({ part, path: relative, folder: from }: PartFile, folder: string): Promise<boolean> => {
  const name = path.join(folder, part, relative);
  await makeFolder(path.dirname(name), 0o700);
  return (await unlessMissing(linkOrCopy(path.join(from, relative), name).then(() => true))) ?? false;
};

/** Fetches the artifacts of every kept version: some may be on other machines only. */
const fetchArtifacts = async (
  { plugins }: Store,
  records: readonly PluginRecord[],
  artifacts: Artifacts,
): Promise<void> => {
  for (const { namespace } of records) {
    for (const { sha256 } of await plugins.versions(namespace)) await artifacts.read(sha256);
  }
};

/** The artifacts of a snapshot, over those that servers share. */
const snapshotArtifacts = ({ store, share, log }: SnapshotDeps, folder: string): Artifacts => {
  const local = createLocalArtifacts(path.join(folder, "data", "artifacts"));
  const inStore = store.shared?.artifacts;
  if (!inStore) return local;
  return createSharedArtifacts({ local, share: share ?? inStore, previousShare: share && inStore, log });
};

/** @returns the plugin files that differ from their records */
const tryOnce = async (deps: SnapshotDeps, folder: string): Promise<string[]> => {
  const { folders, store, openCopy } = deps;
  await makeFolder(path.join(folder, "store"), 0o700);
  // Before the copy and after it: a version that the copy names may be removed or added meanwhile.
  for await (const file of artifactFiles(folders)) await link(file, folder);
  const copy = path.join(folder, "store", STORE_NAME);
  await store.copy(copy);
  const plugins: string[] = [];
  for await (const file of partFiles(folders, "plugins"))
    if (await link(file, folder)) plugins.push(file.path);
  // Includes the artifacts again, after the plugins: an artifact is stored before its plugin is in place.
  for await (const file of partFiles(folders, "data")) await link(file, folder);
  await link(knownHosts(folders), folder);
  const copied = await openCopy(copy);
  try {
    const artifacts = snapshotArtifacts(deps, folder);
    const records = await copied.plugins.list();
    if (store.shared) await fetchArtifacts(copied, records, artifacts);
    return await restorePluginFiles({ folder: path.join(folder, "plugins"), artifacts }, records, plugins);
  } finally {
    await copied.close();
  }
};

/**
 * Takes a snapshot of all parts but the library, while the server works: a copy of the store, and hard links to files that are
 * never overwritten. Needs hardly more space than the store.
 * @param folder emptied first
 * @throws HitagiError DISK_FULL, STORE_FAILED, or the file system's error
 */
export const takeSnapshot = async (deps: SnapshotDeps, folder: string): Promise<void> => {
  let before: string | undefined;
  for (let left = ATTEMPTS; left > 0; left--) {
    await rm(folder, { recursive: true, force: true });
    const differing = (await tryOnce(deps, folder)).sort().join("\n");
    // Files that differ twice in the same way were changed by the owner, not by an operation in progress.
    if (differing === "" || differing === before) return;
    before = differing;
  }
};
