import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Logger } from "pino";
import { shareFingerprint } from "../artifacts/shares/address.ts";
import { epochSeconds } from "../clock.ts";
import { createCoordinator } from "../cluster/coordinator.ts";
import { createSingleNode } from "../cluster/single-node.ts";
import type { Cluster } from "../cluster/types.ts";
import type { Config } from "../config/config.ts";
import type { Store } from "../store/types.ts";
import { version } from "../version.ts";

/** What keeps this server's memory consistent with its store, which other servers may share. */
export const composeCluster = (
  { shared }: Pick<Store, "shared">,
  { artifacts }: Pick<Config, "artifacts">,
  log: Logger,
): Cluster => {
  if (!shared) return createSingleNode();
  const self = {
    id: randomUUID(),
    host: hostname(),
    version,
    artifacts: shareFingerprint(artifacts),
    started: epochSeconds(),
  };
  return createCoordinator({ nodes: shared.nodes, self, log });
};
