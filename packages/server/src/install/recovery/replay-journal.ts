import path from "node:path";
import type { Namespace } from "@hitagi/contract";
import { besidePlace, isSameFile, removeFile, restoreFile } from "../../disk/files.ts";
import { hashFile } from "../../disk/sha256.ts";
import type { InstallDeps } from "../deps.ts";
import type { InstalledFile } from "../steps/current-state.ts";
import { isInstallPath } from "../steps/install-target.ts";
import { evictUnused } from "../steps/retention.ts";
import type { Journal, JournalEntry } from "./journal.ts";

/**
 * What should be in place: what the record says, for the store's commit is the point at which the new state came
 * true. Where there is no record, nothing should be, except a file that was there without one before.
 */
const wantedFile = async (deps: InstallDeps, entry: JournalEntry): Promise<InstalledFile | undefined> => {
  const record = await deps.store.plugins.get(entry.namespace);
  if (record?.provenance) return isInstallPath(record.provenance.path) ? record.provenance : undefined;
  return entry.after ? (entry.before ?? undefined) : undefined;
};

const ensureFile = async (deps: InstallDeps, { path: file, sha256 }: InstalledFile): Promise<void> => {
  await removeFile(besidePlace(path.join(deps.pluginsFolder, file)));
  if ((await hashFile(deps.pluginsFolder, file)) === sha256) return;
  const bytes = await deps.artifacts.read(sha256);
  if (bytes) return restoreFile(deps.stagingFolder, path.join(deps.pluginsFolder, file), bytes);
  deps.log.error({ file, sha256 }, "a plugin's file could not be restored: its bytes are not kept");
};

/** Removes a file that the operation put there or was to remove; one with other bytes is somebody else's. */
const dropFile = async (deps: InstallDeps, entry: JournalEntry, file: string): Promise<void> => {
  const hash = await hashFile(deps.pluginsFolder, file);
  if (hash === entry.before?.sha256 || hash === entry.after?.sha256) {
    await removeFile(path.join(deps.pluginsFolder, file));
  }
};

/** As {@link replayJournal}, and answers whether there was something to do. */
export const replayEntry = async (
  deps: InstallDeps,
  journal: Journal,
  namespace: Namespace,
): Promise<boolean> => {
  const entry = await journal.read(namespace);
  if (entry) await carryThrough(deps, entry);
  await journal.clear(namespace);
  return entry !== undefined;
};

/**
 * Makes the files of a namespace agree with its record, whatever instruction the operation died at, and clears its
 * journal. Doing it again, or dying in it, changes nothing.
 */
export const replayJournal = async (
  deps: InstallDeps,
  journal: Journal,
  namespace: Namespace,
): Promise<void> => {
  if (await replayEntry(deps, journal, namespace)) {
    deps.log.info({ namespace }, "settled an operation that a stopped process had left");
  }
};

const carryThrough = async (deps: InstallDeps, entry: JournalEntry): Promise<void> => {
  const inPlace = (file: string) => path.join(deps.pluginsFolder, file);
  const wanted = await wantedFile(deps, entry);
  if (wanted) await ensureFile(deps, wanted);
  const touched = [entry.before, entry.after]
    .filter((file) => file !== null)
    .filter((file) => isInstallPath(file.path));
  for (const { path: file } of touched) {
    await removeFile(besidePlace(inPlace(file)));
    if (wanted && (await isSameFile(inPlace(file), inPlace(wanted.path)))) continue;
    await dropFile(deps, entry, file);
  }
  await evictUnused(
    deps,
    touched.map(({ sha256 }) => sha256),
  );
};
