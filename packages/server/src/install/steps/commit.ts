import path from "node:path";
import { HitagiError, type Manifest, type Permissions, type PluginType } from "@hitagi/contract";
import { isSameFile, moveInto, readIfThere, removeFile, restoreFile, syncFile } from "../../disk/files.ts";
import { hashFile } from "../../disk/sha256.ts";
import type { PluginCode, Runtime } from "../../runtimes/types.ts";
import type { InstallDeps } from "../deps.ts";
import { withFileLock } from "../locks.ts";
import type { Journal } from "../recovery/journal.ts";
import { type Undo, withUndo } from "../undo.ts";
import { activate } from "./activate.ts";
import { fileTaken, namespaceClash } from "./conflicts.ts";
import type { CurrentState, InstalledFile } from "./current-state.ts";
import { isInstallPath } from "./install-target.ts";
import { keepArtifacts } from "./keep-artifacts.ts";
import { pruneVersions } from "./retention.ts";
import type { Staged } from "./stage.ts";

/** A vetted version on its way in. */
export interface IncomingVersion {
  staged: Staged;
  manifest: Manifest;
  runtime: Runtime;
  code: PluginCode;
  /** Relative to the plugins folder. */
  path: string;
  type: PluginType;
  /** Null for a sideloaded plugin. */
  registry: string | null;
  granted: Permissions;
  /** The registry may be gone, because a kept version is put back. */
  orphan?: boolean;
}

/** From what stands to what comes; every operation is this, and nothing comes where a plugin is removed. */
export interface Change {
  current: CurrentState;
  after: IncomingVersion | undefined;
}

/** All of them succeed, or the first failure is thrown once none is running any more. */
const together = async (...work: Promise<void>[]): Promise<void> => {
  const ends = await Promise.allSettled(work);
  const failed = ends.find((end) => end.status === "rejected");
  if (failed) throw failed.reason;
};

const writeJournal = async (deps: InstallDeps, journal: Journal, { current, after }: Change) => {
  const { namespace, installed } = current;
  await journal.write({
    namespace,
    before: installed ?? null,
    after: after ? { path: after.path, sha256: after.staged.sha256 } : null,
  });
  await deps.onFaultPoint("journaled");
};

/** Pushes the undo that makes a file what it is now, whatever that is. */
const rememberFile = async (deps: InstallDeps, undo: Undo, file: string): Promise<void> => {
  const inPlace = path.join(deps.pluginsFolder, file);
  const bytes = await readIfThere(inPlace);
  undo.push(`the file ${file}`, () => restoreFile(deps.stagingFolder, inPlace, bytes));
};

/** Moves the staged file into place, and makes sure that what lies there now is what was vetted. */
const placeFile = async (deps: InstallDeps, undo: Undo, after: IncomingVersion): Promise<void> => {
  await rememberFile(deps, undo, after.path);
  await moveInto(after.staged.file, path.join(deps.pluginsFolder, after.path));
  const actual = (await hashFile(deps.pluginsFolder, after.path)) ?? "gone";
  const { namespace, version } = after.manifest;
  const expected = after.staged.sha256;
  if (actual !== expected) throw new HitagiError("HASH_MISMATCH", { namespace, version, expected, actual });
  await deps.onFaultPoint("placed");
};

const dropFile = async (
  deps: InstallDeps,
  undo: Undo,
  old: InstalledFile,
  after: IncomingVersion | undefined,
) => {
  // A record of another program may name any file.
  if (!isInstallPath(old.path)) return;
  const inPlace = (file: string) => path.join(deps.pluginsFolder, file);
  if (after && (await isSameFile(inPlace(old.path), inPlace(after.path)))) return;
  await rememberFile(deps, undo, old.path);
  await removeFile(inPlace(old.path));
  await deps.onFaultPoint("removed");
};

const record = (deps: InstallDeps, { current, after }: Change): Promise<void> =>
  deps.store.plugins.commit({
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
      orphan: after.orphan ?? false,
    },
    now: deps.now(),
  });

/** Everything up to the point from which on the new state is the true one, and that point. */
const carryOut = async (deps: InstallDeps, journal: Journal, undo: Undo, change: Change): Promise<void> => {
  const { current, after } = change;
  undo.push("its journal entry", (left) =>
    left.length === 0 ? journal.clear(current.namespace) : undefined,
  );
  await together(
    keepArtifacts(deps, undo, change),
    writeJournal(deps, journal, change),
    after ? syncFile(after.staged.file) : Promise.resolve(),
  );
  if (after) await placeFile(deps, undo, after);
  if (current.installed) await dropFile(deps, undo, current.installed, after);
  const isInForce = deps.active.get(current.namespace) !== undefined;
  const flags = after && !isInForce ? await deps.store.plugins.get(current.namespace) : undefined;
  await record(deps, change);
  undo.discard();
  activate(deps, change, flags);
  await deps.onFaultPoint("committed");
};

const carryOutOnFile = (
  deps: InstallDeps,
  journal: Journal,
  undo: Undo,
  change: Change & { after: IncomingVersion },
): Promise<void> => {
  const { current, after } = change;
  return withFileLock(deps, after.path, current.namespace, async (held) => {
    const taken =
      (await namespaceClash(deps, current, after.path)) ??
      (await fileTaken(deps, current, { path: after.path, sha256: after.staged.sha256 }));
    if (taken) throw taken;
    await carryOut(held, journal, undo, change);
  });
};

/** What is left when the new state is true. Failing here fails nothing: the next operation or start does it. */
const cleanUp = async (deps: InstallDeps, journal: Journal, current: CurrentState): Promise<void> => {
  try {
    await journal.clear(current.namespace);
    await deps.onFaultPoint("cleared");
    await pruneVersions(deps, current);
    await deps.onFaultPoint("pruned");
  } catch (err) {
    deps.log.warn({ err, namespace: current.namespace }, "cleaning up after an operation failed");
  }
};

/**
 * Makes a change true: keeps the bytes of both versions, writes the journal, moves the file, commits the record, and
 * puts the new version in force for the next call. The caller holds the namespace's lock.
 * @throws HitagiError PLUGIN_CHANGED, REGISTRY_NOT_FOUND, NAMESPACE_TAKEN, FILE_TAKEN, PLUGIN_BUSY, HASH_MISMATCH
 */
export const commit = async (
  deps: InstallDeps,
  journal: Journal,
  undo: Undo,
  { current, after }: Change,
): Promise<void> => {
  const carry = (own: Undo): Promise<void> =>
    after
      ? carryOutOnFile(deps, journal, own, { current, after })
      : carryOut(deps, journal, own, { current, after });
  await deps.fileMutex.run(current.namespace, async () => {
    // Undone here, while nothing else looks at the files of this plugin.
    await withUndo(deps, carry, undo);
    await cleanUp(deps, journal, current);
  });
};
