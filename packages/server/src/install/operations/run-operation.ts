import { HitagiError, type Namespace } from "@hitagi/contract";
import type { InstallDeps } from "../deps.ts";
import { type LockedDeps, withPluginLocks } from "../locks.ts";
import { reconcilePlugin } from "../recovery/reconcile-plugin.ts";
import { replayJournal } from "../recovery/recover.ts";
import { activeFile } from "../steps/current-state.ts";
import { type Undo, withUndo } from "../undo.ts";

/** Finishes an interrupted operation on a plugin, and what another server did to it. */
const settle = async (locked: LockedDeps, namespace: Namespace): Promise<void> => {
  await locked.fileMutex.run(namespace, () => replayJournal(locked, namespace));
  if (!locked.isStoreShared) return;
  // Another server may have changed the plugin. An install may replace a version whose bytes are missing, so a failure is no error.
  await reconcilePlugin(locked, namespace, activeFile(locked.active.get(namespace))).catch((err: unknown) =>
    locked.log.warn({ err, namespace }, "a plugin's files could not be made to agree with its record"),
  );
};

/**
 * Runs an operation under the locks of plugins, after interrupted operations on them are finished. Undoes it if it fails.
 * @param namespaces all plugins that it may change
 * @throws HitagiError PLUGIN_BUSY, UNDO_FAILED, DISK_FULL, and the errors of the operation
 */
export const runOperationOn = <T>(
  deps: InstallDeps,
  namespaces: readonly [Namespace, ...Namespace[]],
  operation: (locked: LockedDeps, undo: Undo) => Promise<T>,
): Promise<T> => {
  // The same order for all operations.
  const sorted = [...new Set(namespaces)].sort() as [Namespace, ...Namespace[]];
  return withPluginLocks(deps, sorted, async (locked) => {
    for (const namespace of sorted) await settle(locked, namespace);
    return withUndo(locked, (undo) => operation(locked, undo));
  });
};

/** The same for one plugin. */
export const runOperation = <T>(
  deps: InstallDeps,
  namespace: Namespace,
  operation: (locked: LockedDeps, undo: Undo) => Promise<T>,
): Promise<T> => runOperationOn(deps, [namespace], operation);

/** Called before the commit, which cannot be cancelled. */
export const stopIfCancelled = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) throw new HitagiError("PLUGIN_CANCELLED");
};
