import path from "node:path";
import { HitagiError, MAX_ARTIFACT_FILE_BYTES, type Namespace } from "@hitagi/contract";
import { isSameFile, moveInto, readPluginFile, removeFile, restoreFile } from "../../disk/files.ts";
import { hashFile } from "../../disk/sha256.ts";
import type { PluginCommit, PluginRecord, UpdateChange } from "../../store/types.ts";
import { commitRecords, type LockedDeps, withFileLocks } from "../locks.ts";
import { type Undo, withUndo } from "../undo.ts";
import { activate } from "./activate.ts";
import { fileTaken, namespaceClash } from "./conflicts.ts";
import type { CurrentState, InstalledFile } from "./current-state.ts";
import { isInstallPath } from "./install-target.ts";
import { keepArtifacts } from "./keep-artifacts.ts";
import { choicesBy, leftBy } from "./left-version.ts";
import { pruneVersions } from "./retention.ts";
import type { Change, IncomingVersion } from "./stage.ts";

/** Waits until all have ended, and throws the first error. */
const allEnded = async (...work: Promise<void>[]): Promise<void> => {
  const ends = await Promise.allSettled(work);
  const failed = ends.find((end) => end.status === "rejected");
  if (failed) throw failed.reason;
};

const writeJournal = async (deps: LockedDeps, { current, after }: Change) => {
  const { namespace, installed } = current;
  await deps.journal.write({
    namespace,
    before: installed ?? null,
    after: after ? { path: after.path, sha256: after.staged.sha256 } : null,
  });
  await deps.onFaultPoint("journaled");
};

/** Pushes an undo that restores a file's current content, or its absence. */
const undoFile = async (deps: LockedDeps, undo: Undo, file: string): Promise<void> => {
  const inPlace = path.join(deps.pluginsFolder, file);
  const bytes = await readPluginFile(inPlace);
  if (bytes && bytes.length > MAX_ARTIFACT_FILE_BYTES)
    throw new HitagiError("FILE_TAKEN", { file, owner: "(unknown: it is larger than a plugin)" });
  undo.push(`the file ${file}`, () => restoreFile(deps.stagingFolder, inPlace, bytes));
};

/** Moves the staged file into place, and checks that the placed file is the vetted one. */
const placeFile = async (deps: LockedDeps, undo: Undo, after: IncomingVersion): Promise<void> => {
  await undoFile(deps, undo, after.path);
  await moveInto(after.staged.file, path.join(deps.pluginsFolder, after.path));
  const actual = (await hashFile(deps.pluginsFolder, after.path)) ?? "gone";
  const { namespace, version } = after.manifest;
  const expected = after.staged.sha256;
  if (actual !== expected) throw new HitagiError("HASH_MISMATCH", { namespace, version, expected, actual });
  await deps.onFaultPoint("placed");
};

const removeOld = async (
  deps: LockedDeps,
  undo: Undo,
  old: InstalledFile,
  after: IncomingVersion | undefined,
) => {
  // The record of another program may name any file.
  if (!isInstallPath(old.path)) return;
  const inPlace = (file: string) => path.join(deps.pluginsFolder, file);
  if (after && (await isSameFile(inPlace(old.path), inPlace(after.path)))) return;
  await undoFile(deps, undo, old.path);
  await removeFile(inPlace(old.path));
  await deps.onFaultPoint("removed");
};

const recordOf = (deps: LockedDeps, change: Change, updates: UpdateChange): Omit<PluginCommit, "under"> => {
  const { current, after } = change;
  return {
    namespace: current.namespace,
    expect: current.record?.provenance?.sha256,
    after: after && {
      provenance: {
        path: after.path,
        version: after.manifest.version,
        registry: after.registry,
        sha256: after.staged.sha256,
        type: after.type,
      },
      granted: after.granted,
      orphan: after.isRestored ?? false,
    },
    left: leftBy(change, deps.now()),
    updates,
    dropsSettings: change.dropsSettings,
    now: deps.now(),
  };
};

/** The record whose flags a plugin gets that is not active yet. */
const flagsOf = async (deps: LockedDeps, { current, after }: Change): Promise<PluginRecord | undefined> => {
  const isActive = deps.active.get(current.namespace) !== undefined;
  return after && !isActive ? deps.store.plugins.get(current.namespace) : undefined;
};

/** All steps up to the commit of the records, which makes the new state of all plugins valid at once. */
const carryOut = async (deps: LockedDeps, undo: Undo, changes: readonly Change[]): Promise<void> => {
  for (const { current } of changes)
    undo.push("its journal entry", (left) =>
      left.length === 0 ? deps.journal.clear(current.namespace) : undefined,
    );
  await allEnded(
    ...changes.flatMap((change) => [
      keepArtifacts(deps, undo, change),
      writeJournal(deps, change),
      change.after?.staged.written ?? Promise.resolve(),
    ]),
  );
  for (const { current, after } of changes) {
    if (after) await placeFile(deps, undo, after);
    if (current.installed) await removeOld(deps, undo, current.installed, after);
  }
  const flags = await Promise.all(changes.map((change) => flagsOf(deps, change)));
  const updates = changes.map((change) => choicesBy(change, deps.now()));
  await commitRecords(
    deps,
    changes.map((change, n) => recordOf(deps, change, updates[n] ?? {})),
  );
  undo.discard();
  changes.forEach((change, n) => {
    activate(deps, change, flags[n], updates[n] ?? {});
  });
  await deps.onFaultPoint("committed");
};

/** What the owner's rules refuse now. Every way to a new version leads through here. */
const refusal = async (
  { admission }: LockedDeps,
  after: IncomingVersion,
): Promise<HitagiError | undefined> => {
  const { manifest, staged, type, runtime, registry, isUndo } = after;
  if (isUndo) return undefined;
  const { refusals } = await admission.judge({
    ...{ namespace: manifest.namespace, version: manifest.version, sha256: staged.sha256 },
    ...{ type, runtime: runtime.name, registry },
  });
  return refusals[0];
};

const refuse = async (deps: LockedDeps, { current, after }: Change): Promise<void> => {
  if (!after) return;
  const refused =
    (await refusal(deps, after)) ??
    (await namespaceClash(deps, current, after.path)) ??
    (await fileTaken(deps, current, { path: after.path, sha256: after.staged.sha256 }));
  if (refused) throw refused;
};

const carryOutOnFiles = (deps: LockedDeps, undo: Undo, changes: readonly Change[]): Promise<void> => {
  const files = changes.flatMap(({ current: { namespace }, after }) =>
    after ? [{ file: after.path, namespace }] : [],
  );
  return withFileLocks(deps, files, async (locked) => {
    for (const change of changes) await refuse(locked, change);
    await carryOut(locked, undo, changes);
  });
};

/** After the commit. A failure is no error: the next operation or start repeats this. */
const cleanUp = async (deps: LockedDeps, current: CurrentState): Promise<void> => {
  try {
    await deps.journal.clear(current.namespace);
    await deps.onFaultPoint("cleared");
    await pruneVersions(deps, current);
    await deps.onFaultPoint("pruned");
  } catch (err) {
    deps.log.warn({ err, namespace: current.namespace }, "cleaning up after an operation failed");
  }
};

/** Serialises work on the files of plugins on this machine. @param namespaces sorted, so that two never wait for each other */
const onFilesOf = (
  deps: LockedDeps,
  [namespace, ...more]: readonly Namespace[],
  work: () => Promise<void>,
): Promise<void> =>
  namespace === undefined ? work() : deps.fileMutex.run(namespace, () => onFilesOf(deps, more, work));

/**
 * Commits the changes of several plugins as one: stores the bytes of all versions, writes a journal entry for each plugin, moves the
 * files, commits the records in one transaction, and activates the new versions for the next call. After a crash before the transaction
 * all plugins have their old version, after it all have the new one.
 * @throws HitagiError what the owner's rules refuse, PLUGIN_CHANGED, REGISTRY_NOT_FOUND, NAMESPACE_TAKEN, FILE_TAKEN, PLUGIN_BUSY, HASH_MISMATCH
 */
export const commitAll = async (deps: LockedDeps, undo: Undo, changes: readonly Change[]): Promise<void> => {
  const namespaces = changes.map(({ current }) => current.namespace).sort();
  await onFilesOf(deps, namespaces, async () => {
    // The undo of the files must run under the mutex too.
    await withUndo(deps, (own) => carryOutOnFiles(deps, own, changes), undo);
    for (const { current } of changes) await cleanUp(deps, current);
  });
};

/** The same for one plugin. */
export const commit = (deps: LockedDeps, undo: Undo, change: Change): Promise<void> =>
  commitAll(deps, undo, [change]);
