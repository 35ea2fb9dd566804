import { HitagiError, type Namespace } from "@hitagi/contract";
import type { Lock, PluginStore } from "../store/types.ts";
import type { InstallDeps } from "./deps.ts";

type Locking = Pick<InstallDeps, "store">;

/** The same parts, with what is committed refused from the moment at which the lock is lost. */
const under = <D extends Locking>(deps: D, lock: Lock): D => {
  const { plugins } = deps.store;
  const commit: PluginStore["commit"] = (change) =>
    plugins.commit({ ...change, under: [...(change.under ?? []), lock] });
  return { ...deps, store: { ...deps.store, plugins: { ...plugins, commit } } };
};

const withLock = async <T, D extends Locking>(
  deps: D,
  key: string,
  namespace: Namespace,
  work: (held: D) => Promise<T>,
): Promise<T> => {
  const lock = await deps.store.locks.tryAcquire(key);
  if (!lock) throw new HitagiError("PLUGIN_BUSY", { namespace });
  try {
    return await work(under(deps, lock));
  } finally {
    await lock.release();
  }
};

/**
 * Does work on a namespace while nobody else does. The work is given the parts to do it with.
 * @throws HitagiError PLUGIN_BUSY at once where somebody is at it
 */
export const withPluginLock = <T, D extends Locking>(
  deps: D,
  namespace: Namespace,
  work: (held: D) => Promise<T>,
): Promise<T> => withLock(deps, `plugin:${namespace}`, namespace, work);

/**
 * Does work on a plugin's file while no other namespace can take the same one, likewise.
 * @throws HitagiError PLUGIN_BUSY at once where somebody is at it
 */
export const withFileLock = <T, D extends Locking>(
  deps: D,
  file: string,
  namespace: Namespace,
  work: (held: D) => Promise<T>,
): Promise<T> => withLock(deps, `file:${file.toLowerCase()}`, namespace, work);
