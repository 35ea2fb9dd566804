import type { Logger } from "pino";
import { sha256Of } from "../disk/sha256.ts";
import type { ArtifactShare, PendingArtifacts } from "../store/types.ts";

export interface GarbageDeps {
  pending: PendingArtifacts;
  /** Where servers share bytes, where that is not the store. */
  share: ArtifactShare | undefined;
  log: Pick<Logger, "warn">;
}

/**
 * A folder or a bucket cannot be told to remove what nothing names at that instant: between the look and the removal, which are far apart in a
 * process that was suspended, another server may record the bytes and count on those that it found. So it is looked
 * again afterwards, and what is wanted by then is put back.
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
  // What was damaged another server puts there anew.
  if (!found || sha256Of(found.bytes) !== sha256) return false;
  try {
    await share.put(sha256, found.bytes, found.manifest);
  } catch (err) {
    log.warn(
      { sha256 },
      "bytes that were removed and are wanted wait for the start of a server that has them",
    );
    throw err;
  }
  log.warn({ sha256 }, "bytes of a version that was installed while they were being removed were put back");
  return false;
};

/**
 * Removes bytes from where servers share them that nothing names, and that nobody was about to record for a while: those of a
 * server that died before it recorded them, and in a folder or a bucket those of versions that were forgotten.
 * @param ageMs milliseconds after which whoever was about to record them never will: it has lost its lock long ago
 * @param signal ends it between two
 * @returns how many versions' bytes were removed
 * @throws HitagiError ARTIFACTS_UNREACHABLE, ARTIFACTS_UNUSABLE, and what the store throws; the next time goes on
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
    const gone = await (share ? removeFrom(share, deps, sha256, ageMs) : pending.drop(sha256, ageMs));
    if (gone) removed++;
  }
  return removed;
};
