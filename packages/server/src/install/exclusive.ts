import type { InstallDeps } from "./deps.ts";
import type { Journal } from "./journal.ts";
import { withPluginLock } from "./locks.ts";
import { settle } from "./settle.ts";
import { type Undo, undoable } from "./undo.ts";

/**
 * Runs one operation on a namespace: alone, on a settled state, and undone where it fails.
 * @throws HitagiError PLUGIN_BUSY, UNDO_FAILED, DISK_FULL, and whatever the operation throws
 */
export const exclusively = <T>(
  deps: InstallDeps,
  journal: Journal,
  namespace: string,
  operation: (undo: Undo) => Promise<T>,
): Promise<T> =>
  withPluginLock(deps.store.locks, namespace, async () => {
    await settle(deps, journal, namespace.toLowerCase());
    return undoable(deps, operation);
  });
