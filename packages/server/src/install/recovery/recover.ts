import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Namespace } from "@hitagi/contract";
import { unlessMissing } from "../../disk/errno.ts";
import { besidePlace, isSameFile, removeFile, restoreFile, STAGED } from "../../disk/files.ts";
import { hashFile } from "../../disk/sha256.ts";
import type { InstallDeps } from "../deps.ts";
import type { InstalledFile } from "../steps/current-state.ts";
import { isInstallPath } from "../steps/install-target.ts";
import { evictUnused } from "../steps/retention.ts";
import type { JournalEntry } from "./journal.ts";

/**
 * The file that should be in place: the record's, because the commit of the record makes the new state valid. Without a record,
 * none, except a file that had no record before.
 */
const wantedFile = async (deps: InstallDeps, entry: JournalEntry): Promise<InstalledFile | undefined> => {
  const record = await deps.store.plugins.get(entry.namespace);
  if (record?.provenance) return isInstallPath(record.provenance.path) ? record.provenance : undefined;
  return entry.after ? (entry.before ?? undefined) : undefined;
};

const ensureFile = async (deps: InstallDeps, { path: file, sha256 }: InstalledFile): Promise<void> => {
  const place = path.join(deps.pluginsFolder, file);
  await removeFile(besidePlace(place));
  if ((await hashFile(deps.pluginsFolder, file)) === sha256) return;
  const bytes = await deps.artifacts.read(sha256);
  if (bytes) return restoreFile(deps.stagingFolder, place, bytes);
  deps.log.error({ file, sha256 }, "a plugin's file could not be restored: its artifact is missing");
};

/** Removes a file of the operation. A file with other bytes is the owner's own and stays, as does all that is no regular file. */
const dropFile = async (deps: InstallDeps, entry: JournalEntry, file: string): Promise<void> => {
  const hash = await hashFile(deps.pluginsFolder, file);
  if (hash !== undefined && (hash === entry.before?.sha256 || hash === entry.after?.sha256)) {
    await removeFile(path.join(deps.pluginsFolder, file));
  }
};

/** Makes the files of a journal entry agree with the record. */
const finish = async (deps: InstallDeps, entry: JournalEntry): Promise<void> => {
  const inPlace = (file: string) => path.join(deps.pluginsFolder, file);
  const wanted = await wantedFile(deps, entry);
  if (wanted) await ensureFile(deps, wanted);
  const files = [entry.before, entry.after].filter((file) => file !== null);
  const touched = files.filter((file) => isInstallPath(file.path));
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

/**
 * Makes the files of a namespace agree with its record, wherever the operation was interrupted, and clears its journal entry.
 * Repeatable.
 * @returns whether there was an entry
 */
export const finishEntry = async (deps: InstallDeps, namespace: Namespace): Promise<boolean> => {
  const entry = await deps.journal.read(namespace);
  if (entry) await finish(deps, entry);
  await deps.journal.clear(namespace);
  return entry !== undefined;
};

/** Finishes an interrupted operation on a namespace. */
export const replayJournal = async (deps: InstallDeps, namespace: Namespace): Promise<void> => {
  if (await finishEntry(deps, namespace)) deps.log.info({ namespace }, "finished an interrupted operation");
};

/** Removes the staging files of interrupted operations. */
const removeStaged = async (folder: string): Promise<void> => {
  const names = (await unlessMissing(readdir(folder))) ?? [];
  for (const name of names.filter((n) => n.endsWith(STAGED))) await rm(path.join(folder, name));
};

/**
 * Finishes or undoes the operations that a stopped process has left: each namespace ends with its old version or its new one,
 * complete. If that fails, the entry stays in the journal, and the server starts nevertheless. Runs before all else.
 */
export const recover = async (deps: InstallDeps): Promise<void> => {
  for (const namespace of await deps.journal.list()) {
    await replayJournal(deps, namespace).catch((err: unknown) => {
      deps.log.error({ err, namespace }, "an interrupted operation could not be finished");
    });
  }
  await removeStaged(deps.stagingFolder);
};
