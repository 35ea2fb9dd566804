import { isHitagiError } from "@hitagi/contract";
import pLimit from "p-limit";
import type { Logger } from "pino";
import type { Catalog } from "../catalog/types.ts";
import type { Installer } from "../install/types.ts";
import type { Keys } from "../keys/types.ts";
import type { ActivePlugin, ActivePlugins, Plugins } from "../plugins/types.ts";
import type { Store, Topic } from "../store/types.ts";
import type { TakeUp } from "./types.ts";

export interface TakeUpDeps {
  store: Pick<Store, "plugins" | "registries">;
  active: Pick<ActivePlugins, "get" | "list" | "patch">;
  installer: Pick<Installer, "reconcile">;
  plugins: Pick<Plugins, "reload">;
  catalog: Pick<Catalog, "forget">;
  keys: Pick<Keys, "recheck">;
  log: Pick<Logger, "error">;
}

/** Plugins that are taken up at once. */
const PARALLEL = 4;

const isStoreFault = (error: unknown): boolean => isHitagiError(error) && error.code.startsWith("STORE_");

const fileOf = (plugin: ActivePlugin | undefined) =>
  plugin?.path ? { path: plugin.path, sha256: plugin.code.sha256 } : undefined;

/** How a node takes up what others changed: by reading it anew, whatever it was. */
export const createTakeUp = (deps: TakeUpDeps): TakeUp => {
  const { store, active, installer, plugins, catalog, keys, log } = deps;

  /** Where the new version cannot be put in force, the old one is not run either. */
  const takeOut = (namespace: string, err: unknown): void => {
    log.error({ plugin: namespace, err }, "what another node changed could not be put in force here");
    const reason = isHitagiError(err) ? err.message : "the server's log says why";
    active.patch(namespace, {
      health: { state: "broken", reason: `what another node changed could not be put in force: ${reason}` },
    });
  };
  const takePlugin = async (namespace: string): Promise<void> => {
    try {
      await installer.reconcile(namespace, fileOf(active.get(namespace)));
      await plugins.reload(namespace);
    } catch (err) {
      if (isStoreFault(err)) throw err;
      takeOut(namespace, err);
    }
  };
  const everything = async (): Promise<Topic[]> => {
    const namespaces = [...(await store.plugins.list()), ...active.list()].map(({ namespace }) =>
      namespace.toLowerCase(),
    );
    const registries = await store.registries.list();
    return [
      ...[...new Set(namespaces)].map((namespace): Topic => `plugin:${namespace}`),
      ...registries.map(({ id }): Topic => `registry:${id}`),
      "keys",
    ];
  };
  const takeOne = async (topic: Topic): Promise<void> => {
    if (topic === "keys") return keys.recheck();
    const [kind, name = ""] = topic.split(":");
    if (kind === "registry") catalog.forget(name);
    else await takePlugin(name);
  };

  return async (changed) => {
    const topics = changed === "all" ? await everything() : changed;
    const limit = pLimit(PARALLEL);
    await Promise.all(topics.map((topic) => limit(() => takeOne(topic))));
  };
};
