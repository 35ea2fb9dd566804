import type { Logger } from "pino";
import { createGarbageCollector, type GarbageCollector } from "../artifacts/gc-schedule.ts";
import { createSharedArtifacts, notePendingArtifacts } from "../artifacts/shared.ts";
import type { Artifacts } from "../artifacts/types.ts";
import type { ArtifactShare, Store } from "../store/types.ts";

/**
 * The bytes of vetted versions, and what removes those that were left where servers share them; that is nothing where a server has
 * its store for itself.
 * @param local what this machine has on its disk
 * @param elsewhere where servers share bytes, where that is not the store
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
