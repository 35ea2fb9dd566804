import path from "node:path";
import { HitagiError, MAX_ARTIFACT_FILE_BYTES } from "@hitagi/contract";
import { isSameFile, moveInto, readPluginFile, removeFile, restoreFile, syncFile } from "../../disk/files.ts";
import { hashFile } from "../../disk/sha256.ts";
import type { UpdateChange } from "../../store/types.ts";
import { commitRecord, type LockedDeps, withFileLock } from "../locks.ts";
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

const record = (deps: LockedDeps, change: Change, updates: UpdateChange): Promise<void> => {
  const { current, after } = change;
  return commitRecord(deps, {
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
  });
};

/** All steps up to the commit of the record, which makes the new state valid. */
const carryOut = async (deps: LockedDeps, undo: Undo, change: Change): Promise<void> => {
  const { current, after } = change;
  undo.push("its journal entry", (left) =>
    left.length === 0 ? deps.journal.clear(current.namespace) : undefined,
  );
  await allEnded(
    keepArtifacts(deps, undo, change),
    writeJournal(deps, change),
    after ? syncFile(after.staged.file) : Promise.resolve(),
  );
  if (after) await placeFile(deps, undo, after);
  if (current.installed) await removeOld(deps, undo, current.installed, after);
  const isActive = deps.active.get(current.namespace) !== undefined;
  const flags = after && !isActive ? await deps.store.plugins.get(current.namespace) : undefined;
  const updates = choicesBy(change, deps.now());
  await record(deps, change, updates);
  undo.discard();
  activate(deps, change, flags, updates);
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

const carryOutOnFile = (deps: LockedDeps, undo: Undo, current: CurrentState, after: IncomingVersion) =>
  withFileLock(deps, after.path, current.namespace, async (locked) => {
    const refused =
      (await refusal(deps, after)) ??
      (await namespaceClash(deps, current, after.path)) ??
      (await fileTaken(deps, current, { path: after.path, sha256: after.staged.sha256 }));
    if (refused) throw refused;
    await carryOut(locked, undo, { current, after });
  });

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

/**
 * Commits a change: stores the bytes of both versions, writes the journal, moves the file, commits the record, and activates the new
 * version for the next call.
 * @throws HitagiError what the owner's rules refuse, PLUGIN_CHANGED, REGISTRY_NOT_FOUND, NAMESPACE_TAKEN, FILE_TAKEN, PLUGIN_BUSY, HASH_MISMATCH
 */
export const commit = async (deps: LockedDeps, undo: Undo, change: Change): Promise<void> => {
  const { current, after } = change;
  const carry = (own: Undo): Promise<void> =>
    after ? carryOutOnFile(deps, own, current, after) : carryOut(deps, own, change);
  await deps.fileMutex.run(current.namespace, async () => {
    // The undo of the files must run under the mutex too.
    await withUndo(deps, carry, undo);
    await cleanUp(deps, current);
  });
};
