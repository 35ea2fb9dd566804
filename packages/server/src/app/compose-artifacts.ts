import type { Logger } from "pino";
import { createGarbageCollector, type GarbageCollector } from "../artifacts/garbage.ts";
import { createSharedArtifacts, notePendingArtifacts } from "../artifacts/shared.ts";
import { type MonitoredShare, monitorShare } from "../artifacts/shares/monitor.ts";
import { openShare } from "../artifacts/shares/shares.ts";
import type { Artifacts } from "../artifacts/types.ts";
import type { Config } from "../config/config.ts";
import type { Network } from "../net/http-agents.ts";
import type { ArtifactShare, Store } from "../store/types.ts";

/** The share of plugins' bytes; undefined if that is the store. */
export const composeShare = (config: Config, network: Network): MonitoredShare | undefined => {
  const share = openShare(config, network);
  return share && monitorShare(share);
};

/**
 * Checks the share. Misconfiguration stops the start; an outage does not, because active plugins need no share.
 * @throws HitagiError ARTIFACTS_UNUSABLE
 */
export const tryShare = async (
  share: Pick<MonitoredShare, "fault"> | undefined,
  log: Pick<Logger, "warn">,
): Promise<void> => {
  const fault = await share?.fault();
  if (fault?.code === "ARTIFACTS_UNUSABLE") throw fault;
  if (fault) log.warn({ err: fault }, "bytes of plugins cannot be shared now");
};

/**
 * The bytes of vetted versions, and their garbage collector; undefined if this server has its store for itself.
 * @param local the bytes on this machine's disk
 * @param elsewhere the share of bytes; undefined if that is the store
 */
export const composeArtifacts = (
  local: Artifacts,
  { shared }: Pick<Store, "shared">,
  elsewhere: ArtifactShare | undefined,
  log: Logger,
): { artifacts: Artifacts; garbageCollector: GarbageCollector | undefined } => {
  if (!shared) return { artifacts: local, garbageCollector: undefined };
  const { artifacts: inStore, pendingArtifacts: pending, rateLimiter } = shared;
  const share = elsewhere && notePendingArtifacts(elsewhere, pending);
  const previousShare = share && inStore;
  return {
    artifacts: createSharedArtifacts({ local, share: share ?? inStore, pending, previousShare, log }),
    garbageCollector: createGarbageCollector({ pending, share: elsewhere, rateLimiter, log }),
  };
};
