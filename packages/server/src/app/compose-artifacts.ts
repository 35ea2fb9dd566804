import type { Logger } from "pino";
import { createGarbageCollector, type GarbageCollector } from "../artifacts/gc-schedule.ts";
import { createSharedArtifacts } from "../artifacts/shared.ts";
import { notePendingArtifacts } from "../artifacts/shares/noted.ts";
import type { ArtifactShare, Artifacts, Store } from "../store/types.ts";

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
  const { artifacts: inStore, pendingArtifacts: notes, rateLimiter } = shared;
  const share = elsewhere && notePendingArtifacts(elsewhere, notes);
  const before = share && inStore;
  return {
    artifacts: createSharedArtifacts({ local, share: share ?? inStore, notes, before, log }),
    garbageCollector: createGarbageCollector({ notes, share: elsewhere, rateLimiter, log }),
  };
};
