import { HitagiError, type Namespace } from "@hitagi/contract";
import { hashFile } from "../../disk/sha256.ts";
import type { Provenance } from "../../store/types.ts";
import type { InstallDeps } from "../deps.ts";
import type { InstalledFile } from "../steps/current-state.ts";
import { isInstallPath } from "../steps/install-target.ts";
import type { Journal } from "./journal.ts";
import { replayEntry, replayJournal } from "./replay-journal.ts";

/** Makes sure that the recorded bytes can be had here, before anything is moved. */
const secureBytes = async (
  deps: InstallDeps,
  namespace: Namespace,
  { path, sha256, version }: Provenance,
): Promise<void> => {
  if (!isInstallPath(path)) throw new HitagiError("PLUGIN_PLACE_INVALID", { namespace });
  if ((await hashFile(deps.pluginsFolder, path)) === sha256) return;
  if (await deps.artifacts.read(sha256)) return;
  throw new HitagiError("PLUGIN_BYTES_MISSING", { namespace, version });
};

/** A file goes where its plugin has moved or was removed; one that no install put there is its owner's, and stays. */
const isLeaving = async (
  deps: InstallDeps,
  namespace: Namespace,
  placed: InstalledFile,
  wanted: Provenance | undefined,
): Promise<boolean> => {
  if (placed.path === wanted?.path || !isInstallPath(placed.path)) return false;
  if (placed.path.startsWith("Managed/")) return true;
  const versions = await deps.store.plugins.versions(namespace);
  return versions.some(({ sha256 }) => sha256 === placed.sha256);
};

/**
 * A file of a removed plugin that lies here, whatever is in force: a version that was put in place and could not be put in force before
 * the record went, or while this machine started.
 */
const removedFile = async (deps: InstallDeps, namespace: Namespace): Promise<InstalledFile | undefined> => {
  const versions = await deps.store.plugins.versions(namespace);
  for (const path of new Set(versions.map((version) => version.path))) {
    if (!isInstallPath(path) || !path.startsWith("Managed/")) continue;
    const sha256 = await hashFile(deps.pluginsFolder, path);
    if (sha256 !== undefined && versions.some((version) => version.sha256 === sha256))
      return { path, sha256 };
  }
  return undefined;
};

/** The file that is to go, if there is one. */
const leavingFile = async (
  deps: InstallDeps,
  namespace: Namespace,
  placed: InstalledFile | undefined,
  wanted: Provenance | undefined,
): Promise<InstalledFile | undefined> => {
  const removed = wanted ? undefined : await removedFile(deps, namespace);
  if (removed) return removed;
  return placed && (await isLeaving(deps, namespace, placed, wanted)) ? placed : undefined;
};

const agree = async (
  deps: InstallDeps,
  journal: Journal,
  namespace: Namespace,
  placed: InstalledFile | undefined,
): Promise<void> => {
  await replayJournal(deps, journal, namespace);
  const wanted = (await deps.store.plugins.get(namespace))?.provenance;
  if (wanted) await secureBytes(deps, namespace, wanted);
  const leaving = await leavingFile(deps, namespace, placed, wanted);
  const there = wanted ? await hashFile(deps.pluginsFolder, wanted.path) : undefined;
  if (!leaving && there === wanted?.sha256) return;
  await journal.write({ namespace, before: leaving ?? null, after: null });
  await deps.onFaultPoint("journaled");
  await replayEntry(deps, journal, namespace);
  const { version = null } = wanted ?? {};
  deps.log.info(
    { namespace, version, removed: leaving?.path },
    "a plugin's files were made to agree with its record",
  );
};

/**
 * Makes the files of a plugin on this machine agree with its record, which another machine may have changed: recorded bytes
 * that are not in place are put there, and the file of a version that was removed or has moved goes. Whatever
 * instruction it dies at, the next start brings it to its end.
 * @param placed what this machine had in place, as far as it is known; a file that no install put there stays
 * @param follow done once they agree, before an operation on the plugin can move files here: to put it in force, for one
 * @throws HitagiError PLUGIN_BYTES_MISSING where the recorded bytes are nowhere to be had, PLUGIN_PLACE_INVALID,
 *   DISK_FULL, and what the store and the share of artifacts throw; then the files are as they were
 */
export const reconcilePlugin = (
  deps: InstallDeps,
  journal: Journal,
  namespace: Namespace,
  placed: InstalledFile | undefined,
  follow: () => Promise<void> = async () => {},
): Promise<void> =>
  deps.fileMutex.run(namespace, async () => {
    await agree(deps, journal, namespace, placed);
    await follow();
  });
