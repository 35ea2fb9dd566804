import { isDeepStrictEqual } from "node:util";
import type { Namespace } from "@hitagi/contract";
import type { ActivePlugin, ActivePlugins } from "../types.ts";

/** The active plugins, with a count of their changes. */
export interface ActiveSet extends ActivePlugins {
  /** Grows with every change. */
  revision(): number;
}

export interface ActiveDeps {
  /** Called with a version whose processes no new call may use; its running calls continue. */
  retire: (plugin: ActivePlugin) => void;
}

export const createActivePlugins = ({ retire }: ActiveDeps): ActiveSet => {
  const plugins = new Map<Namespace, ActivePlugin>();
  let listed: readonly ActivePlugin[] | undefined;
  let revision = 0;

  const get = (namespace: Namespace) => plugins.get(namespace);
  const replace = (namespace: Namespace, plugin: ActivePlugin | undefined) => {
    if (plugin === undefined) plugins.delete(namespace);
    else plugins.set(namespace, plugin);
    listed = undefined;
    revision++;
  };

  const set: ActiveSet["set"] = (namespace, plugin) => {
    const before = get(namespace);
    if (before === undefined && plugin === undefined) return;
    replace(namespace, plugin);
    if (before !== undefined && !mayShareProcess(before, plugin)) retire(before);
  };

  return {
    get,
    set,
    list() {
      listed ??= [...plugins.values()].sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
      return listed;
    },
    patch(namespace, fields) {
      const before = get(namespace);
      if (before !== undefined) set(namespace, { ...before, ...fields });
    },
    revision: () => revision,
  };
};

/** Whether both are the same code with the same files, which a process is started with. */
const mayShareProcess = (a: ActivePlugin, b: ActivePlugin | undefined) =>
  b !== undefined &&
  a.code.sha256 === b.code.sha256 &&
  a.runtime === b.runtime &&
  isDeepStrictEqual(a.granted.files, b.granted.files);

/** The metadata plugins that run on new archives, lowest priority first. */
export const enabledMetadata = (active: Pick<ActivePlugins, "list">): ActivePlugin[] =>
  active
    .list()
    .filter(({ manifest, enabled }) => manifest.type === "metadata" && enabled)
    .toSorted((a, b) => a.priority - b.priority);
