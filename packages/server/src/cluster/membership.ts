import type { Logger } from "pino";
import type { Installer } from "../install/types.ts";
import type { Plugins } from "../plugins/types.ts";
import type { Store } from "../store/types.ts";
import { type ApplyChangesDeps, createApplyChanges } from "./apply-changes.ts";
import { createPluginRecordPoll } from "./poll-plugin-records.ts";
import type { Cluster, Load } from "./types.ts";

export interface MembershipDeps extends ApplyChangesDeps {
  cluster: Pick<Cluster, "start" | "stop">;
  store: Store;
  installer: Pick<Installer, "recover" | "reconcileAll" | "reconcile">;
  plugins: Pick<Plugins, "scan" | "reload">;
  log: Pick<Logger, "warn" | "error">;
}

/** How a server loads its plugins and joins the other nodes, and leaves them. */
export const createMembership = (deps: MembershipDeps) => {
  const { cluster, store, installer, plugins, log } = deps;
  const applyChanges = createApplyChanges({
    ...deps,
    onApplied: (...given) => records.noteApplied(...given),
  });
  const records = createPluginRecordPoll({
    store: store.plugins,
    applyChanges,
    onError: (err) => log.warn({ err }, "the plugins' records could not be read"),
  });
  const load: Load = async () => {
    await installer.recover();
    const missing = await installer.reconcileAll();
    await plugins.scan(missing);
    return [...missing.keys()].map((namespace) => `plugin:${namespace}` as const);
  };
  return {
    join: async (): Promise<void> => {
      if (store.shared) await records.noteRecords();
      await cluster.start(load, applyChanges);
      if (store.shared) records.start();
    },
    leave: async (): Promise<void> => {
      await records.stop();
      await cluster.stop();
    },
  };
};
