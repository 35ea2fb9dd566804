import { HitagiError, isHitagiError, type Namespace, toNamespace } from "@hitagi/contract";
import pLimit, { type LimitFunction } from "p-limit";
import type { Logger } from "pino";
import { settlesWithin } from "../async/deadline.ts";
import { endsWithinRunningTime } from "../async/running-timeout.ts";
import type { Catalog } from "../catalog/types.ts";
import type { Documents } from "../documents/documents.ts";
import type { Installer } from "../install/types.ts";
import type { Keys } from "../keys/keys.ts";
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
  documents: Pick<Documents, "forget">;
  /** Makes the next reads of registries ask the store. */
  forgetRegistries: () => void;
  log: Pick<Logger, "error">;
  /** Called with each record that was applied. */
  onApplied?: (namespace: Namespace, record: PluginRecord | undefined) => void;
  /** Milliseconds in which a plugin's bytes have to arrive; less than a lease, which all other plugins depend on. */
  applyTimeoutMs?: number;
}

/** Plugins that are applied at once. */
const PARALLEL = 4;
/** A plugin that takes longer than this part of the timeout no longer delays the next one. */
const PARTS = 20;

/** An error of the store is no fault of a plugin. */
const unlessStoreFault = (error: unknown): void => {
  if (isStoreFault(error)) throw error;
};

const fileOf = (plugin: ActivePlugin | undefined) =>
  plugin?.path ? { path: plugin.path, sha256: plugin.code.sha256 } : undefined;

/** Applies changes of plugins, one at a time for each. */
const createApplyPlugin = (deps: ApplyChangesDeps) => {
  const { active, installer, plugins, log, onApplied = () => {}, applyTimeoutMs = 2000 } = deps;
  /** Why a plugin is out of service, so that each try does not log it again. */
  const logged = new Map<string, string>();

  /** Where the new version cannot run, the old one is not run either. */
  const disable = async (namespace: Namespace, err: unknown): Promise<void> => {
    const cause = isHitagiError(err) ? err.message : "the server's log says why";
    const reason = `a change made on another server could not be applied: ${cause}`;
    if (logged.get(namespace) !== cause) {
      log.error({ plugin: namespace, err }, "a change of a plugin on another server could not be applied");
    }
    logged.set(namespace, cause);
    await plugins.reload(namespace).catch(unlessStoreFault);
    active.patch(namespace, { health: { state: "broken", reason } });
  };
  const reload = async (namespace: Namespace): Promise<void> => {
    onApplied(namespace, await plugins.reload(namespace));
    logged.delete(namespace);
  };

  /** @returns whether the plugin is active as its record says */
  return async (namespace: Namespace): Promise<boolean> => {
    const reconciled = installer.reconcile(namespace, fileOf(active.get(namespace)), () => reload(namespace));
    try {
      if (await endsWithinRunningTime(applyTimeoutMs, reconciled)) return true;
      const disabled = disable(namespace, new HitagiError("PLUGIN_BYTES_LATE", { namespace }));
      // It goes on in the background, and activates the plugin also where it ends while the plugin is being disabled.
      void Promise.allSettled([reconciled, disabled])
        .then(() => reload(namespace))
        .catch(() => {});
      await disabled;
    } catch (err) {
      unlessStoreFault(err);
      await disable(namespace, err);
    }
    return false;
  };
};

/** Applies a change of any kind by reading the changed record again. */
export const createApplyChanges = (deps: ApplyChangesDeps): ApplyChanges => {
  const { store, active, catalog, keys, documents, forgetRegistries, applyTimeoutMs = 2000 } = deps;
  const applyPlugin = createApplyPlugin(deps);

  const allTopics = async (): Promise<Topic[]> => {
    const plugins = [...(await store.plugins.list()), ...active.list()];
    const namespaces = new Set(plugins.map(({ namespace }) => namespace));
    const registries = await store.registries.list();
    return [
      ...[...namespaces].map((namespace): Topic => `plugin:${namespace}`),
      ...registries.map(({ id }): Topic => `registry:${id}`),
      "keys",
      "documents",
    ];
  };
  const applyTopic = async (topic: Topic): Promise<boolean> => {
    const [kind, name = ""] = topic.split(":");
    if (kind === "plugin") return applyPlugin(toNamespace(name));
    if (kind === "registry") catalog.forget(name);
    else if (kind === "registries") forgetRegistries();
    else if (kind === "documents") documents.forget();
    else await keys.recheck();
    return true;
  };
  /** Plugins that wait for their bytes wait together, so that they delay the node for no longer than one does. */
  const applyLimited = async (limit: LimitFunction, topic: Topic): Promise<boolean> => {
    const { applying } = await limit(async () => {
      const applying = applyTopic(topic);
      await settlesWithin(applyTimeoutMs / PARTS, applying);
      return { applying };
    });
    return applying;
  };

  return async (changed) => {
    // Also the index of one is told in its record, and the topics of all need the records as they are.
    if (changed === "all" || changed.some((topic) => topic.startsWith("registry:"))) forgetRegistries();
    const topics = changed === "all" ? await allTopics() : changed;
    const limit = pLimit(PARALLEL);
    const applied = await Promise.all(topics.map((topic) => applyLimited(limit, topic)));
    return topics.filter((_, n) => !applied[n]);
  };
};
