import { HitagiError, type Namespace } from "@hitagi/contract";
import { hashFile } from "../../disk/sha256.ts";
import { isManagedPath } from "../../store/contract/plugins.ts";
import type { Provenance } from "../../store/types.ts";
import type { InstallDeps } from "../deps.ts";
import type { InstalledFile } from "../steps/current-state.ts";
import { isInstallPath } from "../steps/install-target.ts";
import { finishEntry, replayJournal } from "./recover.ts";

/**
 * Hashes the file in place, and checks before any move that the recorded bytes are available.
 * @returns the hash of the file; undefined where it is missing
 */
const checkBytes = async (
  deps: InstallDeps,
  namespace: Namespace,
  { path, sha256, version }: Provenance,
): Promise<string | undefined> => {
  if (!isInstallPath(path)) throw new HitagiError("PLUGIN_PLACE_INVALID", { namespace });
  const actual = await hashFile(deps.pluginsFolder, path);
  if (actual === sha256 || (await deps.artifacts.read(sha256))) return actual;
  throw new HitagiError("PLUGIN_BYTES_MISSING", { namespace, version });
};

/** The file of a removed plugin. It may never have been active: the record was removed before, or while this machine started. */
const removedFile = async (deps: InstallDeps, namespace: Namespace): Promise<InstalledFile | undefined> => {
  const versions = await deps.store.plugins.versions(namespace);
  for (const path of new Set(versions.map((version) => version.path))) {
    if (!isInstallPath(path) || !isManagedPath(path)) continue;
    const sha256 = await hashFile(deps.pluginsFolder, path);
    if (sha256 !== undefined && versions.some((version) => version.sha256 === sha256))
      return { path, sha256 };
  }
  return undefined;
};

/** The file to remove: its plugin has moved or was removed, and an install put it there. Undefined for none. */
const obsoleteFile = async (
  deps: InstallDeps,
  namespace: Namespace,
  installed: InstalledFile | undefined,
  wanted: Provenance | undefined,
): Promise<InstalledFile | undefined> => {
  const removed = wanted ? undefined : await removedFile(deps, namespace);
  if (removed) return removed;
  if (!installed || installed.path === wanted?.path || !isInstallPath(installed.path)) return undefined;
  if (isManagedPath(installed.path)) return installed;
  const versions = await deps.store.plugins.versions(namespace);
  return versions.some(({ sha256 }) => sha256 === installed.sha256) ? installed : undefined;
};

const agree = async (
  deps: InstallDeps,
  namespace: Namespace,
  installed: InstalledFile | undefined,
): Promise<void> => {
  await replayJournal(deps, namespace);
  const wanted = (await deps.store.plugins.get(namespace))?.provenance;
  const actual = wanted && (await checkBytes(deps, namespace, wanted));
  const obsolete = await obsoleteFile(deps, namespace, installed, wanted);
  if (!obsolete && actual === wanted?.sha256) return;
  await deps.journal.write({ namespace, before: obsolete ?? null, after: null });
  await deps.onFaultPoint("journaled");
  await finishEntry(deps, namespace);
  const { version = null } = wanted ?? {};
  deps.log.info(
    { namespace, version, removed: obsolete?.path },
    "a plugin's files were made to agree with its record",
  );
};

/**
 * Makes the files of a plugin on this machine agree with its record, which another machine may have changed: restores the recorded
 * file, and removes the file of a version that moved or was removed. The next start finishes an interrupted call. Reads the file once
 * if they agree already.
 * @param installed the file that this machine had in place, if it is known. A file that no install put there stays
 * @param follow runs once they agree, before another operation moves files of the plugin here
 * @throws HitagiError PLUGIN_BYTES_MISSING, PLUGIN_PLACE_INVALID, DISK_FULL, errors of the store and of the share; the files are
 *   unchanged then
 */
export const reconcilePlugin = (
  deps: InstallDeps,
  namespace: Namespace,
  installed: InstalledFile | undefined,
  follow: () => Promise<void> = async () => {},
): Promise<void> => {
  return deps.fileMutex.run(namespace, async () => {
    await agree(deps, namespace, installed);
    await follow();
  });
};
