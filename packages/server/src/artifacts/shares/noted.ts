import type { ArtifactShare, PendingArtifacts } from "../../store/types.ts";

/** A share beside the store whose bytes are noted there before they are put, as the store notes its own. */
export const notePendingArtifacts = (share: ArtifactShare, notes: PendingArtifacts): ArtifactShare => ({
  ...share,
  put: async (sha256, ...given) => {
    await notes.note(sha256);
    await share.put(sha256, ...given);
  },
});
