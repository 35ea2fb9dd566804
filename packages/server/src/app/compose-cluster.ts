import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Logger } from "pino";
import { shareFingerprint } from "../artifacts/shares/address.ts";
import { epochSeconds } from "../clock.ts";
import { type ApplyChangesDeps, createApplyChanges } from "../cluster/apply-changes.ts";
import { createCoordinator } from "../cluster/coordinator.ts";
import { createPluginRecordPoll } from "../cluster/poll-plugin-records.ts";
import { createSingleNode } from "../cluster/single-node.ts";
import type { Cluster, Load } from "../cluster/types.ts";
import type { Config } from "../config/config.ts";
import type { Store } from "../store/types.ts";
import { version } from "../version.ts";

/** What keeps this node equal to the others on its store, where there can be any. */
export const composeCluster = (
  { shared }: Pick<Store, "shared">,
  { artifacts }: Pick<Config, "artifacts">,
  log: Logger,
): Cluster => {
  if (!shared) return createSingleNode();
  const about = {
    host: hostname(),
    version,
    artifacts: shareFingerprint(artifacts),
    started: epochSeconds(),
  };
  return createCoordinator({ nodes: shared.nodes, self: { id: randomUUID(), ...about }, log });
};

/** How this node joins the others once its parts are made, and leaves them. */
export const composeMembership = (
  cluster: Cluster,
  deps: ApplyChangesDeps & { store: Store; log: Logger },
) => {
  const { store, log } = deps;
  const takeUp = createApplyChanges({ ...deps, onApplied: (...given) => foreign.noteApplied(...given) });
  const foreign = createPluginRecordPoll({
    store: store.plugins,
    takeUp,
    onError: (err) => log.warn({ err }, "the plugins' records could not be looked at"),
  });
  return {
    join: async (load: Load): Promise<void> => {
      if (store.shared) await foreign.noteRecords();
      await cluster.start(load, takeUp);
      if (store.shared) foreign.start();
    },
    leave: async (): Promise<void> => {
      await foreign.stop();
      await cluster.stop();
    },
  };
};
