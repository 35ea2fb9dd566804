import { HitagiError, type Namespace } from "@hitagi/contract";
import type { InstallDeps } from "../deps.ts";
import { type LockedDeps, withPluginLock } from "../locks.ts";
import { reconcilePlugin } from "../recovery/reconcile-plugin.ts";
import { replayJournal } from "../recovery/recover.ts";
import { activeFile } from "../steps/current-state.ts";
import { type Undo, withUndo } from "../undo.ts";

/**
 * Runs an operation under the plugin's lock, after interrupted operations are finished. Undoes it if it fails.
 * @throws HitagiError PLUGIN_BUSY, UNDO_FAILED, DISK_FULL, and the errors of the operation
 */
export const runOperation = <T>(
  deps: InstallDeps,
  namespace: Namespace,
  operation: (locked: LockedDeps, undo: Undo) => Promise<T>,
): Promise<T> =>
  withPluginLock(deps, namespace, async (locked) => {
    await locked.fileMutex.run(namespace, () => replayJournal(locked, namespace));
    if (locked.isStoreShared) {
      // Another server may have changed the plugin. An install may replace a version whose bytes are missing, so a failure is no error.
      await reconcilePlugin(locked, namespace, activeFile(locked.active.get(namespace))).catch(
        (err: unknown) =>
          locked.log.warn({ err, namespace }, "a plugin's files could not be made to agree with its record"),
      );
    }
    return withUndo(locked, (undo) => operation(locked, undo));
  });

/** Called before the commit, which cannot be cancelled. */
export const stopIfCancelled = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) throw new HitagiError("PLUGIN_CANCELLED");
};
