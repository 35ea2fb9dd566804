import { HitagiError, isHitagiError, type Namespace, toNamespace } from "@hitagi/contract";
import pLimit, { type LimitFunction } from "p-limit";
import type { Logger } from "pino";
import { settlesWithin } from "../async/deadline.ts";
import { endsWithinRunningTime } from "../async/running-timeout.ts";
import type { Catalog } from "../catalog/types.ts";
import type { Installer } from "../install/types.ts";
import type { Keys } from "../keys/types.ts";
import type { ActivePlugin, ActivePlugins, Plugins } from "../plugins/types.ts";
import { isStoreFault } from "../store/is-store-fault.ts";
import type { PluginRecord, Store, Topic } from "../store/types.ts";
import type { ApplyChanges } from "./types.ts";

export interface ApplyChangesDeps {
  store: Pick<Store, "plugins" | "registries">;
  active: Pick<ActivePlugins, "get" | "list" | "patch">;
  installer: Pick<Installer, "reconcile">;
  plugins: Pick<Plugins, "reload">;
  catalog: Pick<Catalog, "forget">;
  keys: Pick<Keys, "recheck">;
  log: Pick<Logger, "error">;
  /** Told of each record that was put in force. */
  onApplied?: (namespace: Namespace, record: PluginRecord | undefined) => void;
  /** Milliseconds that a plugin's bytes may take to come while this process runs: less than a lease, which all other plugins depend on. */
  applyTimeoutMs?: number;
}

/** Plugins that are taken up at once; one that takes longer than a part of its patience keeps the next one from nothing. */
const PARALLEL = 4;
const PARTS = 20;

/** A store that cannot be read is no fault of a plugin. */
const unlessStoreFault = (error: unknown): void => {
  if (isStoreFault(error)) throw error;
};

const fileOf = (plugin: ActivePlugin | undefined) =>
  plugin?.path ? { path: plugin.path, sha256: plugin.code.sha256 } : undefined;

/** How a node takes up what others changed: by reading it anew, whatever it was. */
export const createApplyChanges = (deps: ApplyChangesDeps): ApplyChanges => {
  const {
    store,
    active,
    installer,
    plugins,
    catalog,
    keys,
    log,
    onApplied = () => {},
    applyTimeoutMs = 2000,
  } = deps;

  /** Why a plugin is out of service, so that each try does not tell it again. */
  const told = new Map<string, string>();

  /** Where the new version cannot be put in force, the old one is not run either. */
  const takeOut = async (namespace: Namespace, err: unknown): Promise<void> => {
    const reason = isHitagiError(err) ? err.message : "the server's log says why";
    if (told.get(namespace) !== reason) {
      log.error({ plugin: namespace, err }, "what was changed elsewhere could not be put in force here");
    }
    told.set(namespace, reason);
    await plugins.reload(namespace).catch(unlessStoreFault);
    active.patch(namespace, {
      health: { state: "broken", reason: `what was changed elsewhere could not be put in force: ${reason}` },
    });
  };
  const takePlugin = async (namespace: Namespace): Promise<boolean> => {
    const reload = async (): Promise<void> => {
      onApplied(namespace, await plugins.reload(namespace));
      told.delete(namespace);
    };
    const reconciled = installer.reconcile(namespace, fileOf(active.get(namespace)), reload);
    try {
      if (await endsWithinRunningTime(applyTimeoutMs, reconciled)) return true;
      // It goes on, and is in force when it is done, also where that is while it is being taken out of service.
      const out = takeOut(namespace, new HitagiError("PLUGIN_BYTES_LATE", { namespace }));
      void Promise.allSettled([reconciled, out])
        .then(reload)
        .catch(() => {});
      await out;
      return false;
    } catch (err) {
      unlessStoreFault(err);
      await takeOut(namespace, err);
      return false;
    }
  };
  const everything = async (): Promise<Topic[]> => {
    const namespaces = [...(await store.plugins.list()), ...active.list()].map(({ namespace }) => namespace);
    const registries = await store.registries.list();
    return [
      ...[...new Set(namespaces)].map((namespace): Topic => `plugin:${namespace}`),
      ...registries.map(({ id }): Topic => `registry:${id}`),
      "keys",
    ];
  };
  /** Answers whether it is in force now. */
  const takeOne = async (topic: Topic): Promise<boolean> => {
    const [kind, name = ""] = topic.split(":");
    if (kind === "plugin") return takePlugin(toNamespace(name));
    if (kind === "registry") catalog.forget(name);
    else await keys.recheck();
    return true;
  };

  /** Those that wait for their bytes wait together, so that all of them hold the node up for no longer than one does. */
  const takeInTurn = async (limit: LimitFunction, topic: Topic): Promise<boolean> => {
    const begun = await limit(async () => {
      const taking = takeOne(topic);
      await settlesWithin(applyTimeoutMs / PARTS, taking);
      return { taking };
    });
    return begun.taking;
  };

  return async (changed) => {
    const topics = changed === "all" ? await everything() : changed;
    const limit = pLimit(PARALLEL);
    const taken = await Promise.all(topics.map((topic) => takeInTurn(limit, topic)));
    return topics.filter((_, n) => !taken[n]);
  };
};
