import type { Namespace } from "@hitagi/contract";
import type { InstallDeps } from "./deps.ts";
import { withPluginLock } from "./locks.ts";
import type { Journal } from "./recovery/journal.ts";
import { reconcilePlugin } from "./recovery/reconcile-plugin.ts";
import { replayJournal } from "./recovery/replay-journal.ts";
import { activeFile } from "./steps/current-state.ts";
import { type Undo, withUndo } from "./undo.ts";

/**
 * Another server may have changed the plugin, and this one not have heard of it yet. That the bytes of that version cannot be
 * had keeps nobody from installing another.
 */
const catchUp = (deps: InstallDeps, journal: Journal, namespace: Namespace): Promise<void> =>
  reconcilePlugin(deps, journal, namespace, activeFile(deps.active.get(namespace))).catch((err: unknown) => {
    deps.log.warn({ err, namespace }, "a plugin's files could not be made to agree with its record");
  });

/**
 * Runs one operation on a namespace: alone, on a settled state, and undone where it fails. It is given the parts that
 * it works with, whose commit the lock guards.
 * @throws HitagiError PLUGIN_BUSY, UNDO_FAILED, DISK_FULL, and whatever the operation throws
 */
export const runOperation = <T>(
  deps: InstallDeps,
  journal: Journal,
  namespace: Namespace,
  operation: (undo: Undo, held: InstallDeps) => Promise<T>,
): Promise<T> =>
  withPluginLock(deps, namespace, async (held) => {
    await held.fileMutex.run(namespace, () => replayJournal(held, journal, namespace));
    if (held.isStoreShared) await catchUp(held, journal, namespace);
    return withUndo(held, (undo) => operation(undo, held));
  });
