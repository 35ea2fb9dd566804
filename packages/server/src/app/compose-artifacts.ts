import type { Logger } from "pino";
import { createSweep, type Sweep } from "../artifacts/gc-schedule.ts";
import { createSharedArtifacts } from "../artifacts/shared.ts";
import { noteWhatIsPut } from "../artifacts/shares/noted.ts";
import type { ArtifactShare, Artifacts, Store } from "../store/types.ts";

/**
 * The bytes of vetted versions, and what removes those that were left where servers share them; that is nothing where a server has
 * its store for itself.
 * @param local what this machine has on its disk
 * @param elsewhere where servers share bytes, where that is not the store
 */
export const composeArtifacts = (
  local: Artifacts,
  { artifacts: inStore, unrecorded: notes, turns }: Pick<Store, "artifacts" | "unrecorded" | "turns">,
  elsewhere: ArtifactShare | undefined,
  log: Logger,
): { artifacts: Artifacts; sweep: Sweep | undefined } => {
  if (!inStore || !notes || !turns) return { artifacts: local, sweep: undefined };
  const share = elsewhere && noteWhatIsPut(elsewhere, notes);
  const before = share && inStore;
  return {
    artifacts: createSharedArtifacts({ local, share: share ?? inStore, notes, before, log }),
    sweep: createSweep({ notes, share: elsewhere, turns, log }),
  };
};
