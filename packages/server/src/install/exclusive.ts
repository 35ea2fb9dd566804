import type { InstallDeps } from "./deps.ts";
import type { Journal } from "./journal.ts";
import { withPluginLock } from "./locks.ts";
import { settle } from "./settle.ts";
import { type Undo, undoable } from "./undo.ts";

/**
 * Runs one operation on a namespace: alone, on a settled state, and undone where it fails. It is given the parts that
 * it works with, whose commit the lock guards.
 * @throws HitagiError PLUGIN_BUSY, UNDO_FAILED, DISK_FULL, and whatever the operation throws
 */
export const exclusively = <T>(
  deps: InstallDeps,
  journal: Journal,
  namespace: string,
  operation: (undo: Undo, held: InstallDeps) => Promise<T>,
): Promise<T> =>
  withPluginLock(deps, namespace, async (held) => {
    await settle(held, journal, namespace.toLowerCase());
    return undoable(held, (undo) => operation(undo, held));
  });
