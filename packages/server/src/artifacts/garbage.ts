import type { Logger } from "pino";
import { sha256Of } from "../disk/sha256.ts";
import type { ArtifactShare, PendingArtifacts } from "../store/types.ts";

export interface GarbageDeps {
  pending: PendingArtifacts;
  /** Where servers share artifacts outside the store. */
  share: ArtifactShare | undefined;
  log: Pick<Logger, "warn">;
}

/**
 * Removes an artifact from an external share. The share cannot check references and remove in one step: if this process is suspended
 * between the two, another server may record the artifact. So it checks again afterwards, and restores a referenced artifact.
 */
const removeFrom = async (
  share: ArtifactShare,
  { pending, log }: GarbageDeps,
  sha256: string,
  ageMs: number,
): Promise<boolean> => {
  if (!(await pending.isGarbage(sha256, ageMs))) return false;
  const found = await share.read(sha256);
  await share.remove(sha256);
  if (await pending.drop(sha256, ageMs)) return true;
  // A server that needs a damaged artifact puts it again.
  if (!found || sha256Of(found.bytes) !== sha256) return false;
  try {
    await share.put(sha256, found.bytes, found.manifest);
  } catch (err) {
    log.warn({ sha256 }, "a removed artifact is needed; a server that has it restores it at its next start");
    throw err;
  }
  log.warn({ sha256 }, "an artifact that was installed while it was being removed was restored");
  return false;
};

/**
 * Removes shared artifacts that no record names and that have not been pending for a while: those of a server that died before it
 * recorded them, and, in an external share, those of versions that were pruned.
 * @param ageMs milliseconds after which a pending artifact counts as abandoned; longer than any lock is held
 * @param signal stops before the next artifact
 * @returns the number of removed artifacts
 * @throws HitagiError ARTIFACTS_UNREACHABLE, ARTIFACTS_UNUSABLE, errors of the store; the next run continues
 */
export const collectGarbage = async (
  deps: GarbageDeps,
  ageMs: number,
  signal?: AbortSignal,
): Promise<number> => {
  const { pending, share } = deps;
  let removed = 0;
  for (const sha256 of await pending.list(ageMs)) {
    if (signal?.aborted) break;
    const isRemoved = share ? removeFrom(share, deps, sha256, ageMs) : pending.drop(sha256, ageMs);
    if (await isRemoved) removed++;
  }
  return removed;
};
