import type { InstallDeps } from "./deps.ts";
import type { Standing } from "./standing.ts";

/** How many versions of a plugin can be rolled back to, the current one among them. */
const VERSIONS_KEPT = 5;

const isUsed = async (deps: InstallDeps, sha256: string): Promise<boolean> => {
  for (const { namespace, provenance } of await deps.store.plugins.list()) {
    if (provenance?.sha256 === sha256) return true;
    const versions = await deps.store.plugins.versions(namespace);
    if (versions.some((v) => v.sha256 === sha256)) return true;
  }
  return false;
};

/** Removes those of the kept bytes that no namespace has in place or can go back to. The caller holds their plugin's lock. */
const dropUnused = async (deps: InstallDeps, hashes: readonly string[]): Promise<void> => {
  for (const sha256 of hashes) {
    if (!(await isUsed(deps, sha256))) await deps.artifacts.remove(sha256);
  }
};

/**
 * Likewise, on this machine only. For whoever does not hold the lock, or may have lost it: another machine may be about to record
 * the very same bytes, and needs them where all find them.
 */
export const dropUnusedHere = async (deps: InstallDeps, hashes: readonly string[]): Promise<void> => {
  for (const sha256 of hashes) {
    if (!(await isUsed(deps, sha256))) await deps.artifacts.evict(sha256);
  }
};

/** Milliseconds after which an install that has not recorded its bytes never will: it has lost its lock long ago. */
const ABANDONED_MS = 3600_000;

/** Removes bytes from the store that a server left there which died, or was cut off, before it recorded them. */
export const dropAbandoned = async (deps: InstallDeps, ageMs: number = ABANDONED_MS): Promise<void> => {
  const { unrecorded } = deps.store;
  for (const sha256 of (await unrecorded?.list(ageMs)) ?? []) {
    if (await isUsed(deps, sha256)) await unrecorded?.settle(sha256);
    else await unrecorded?.drop(sha256, ageMs);
  }
};

/**
 * Forgets the versions beyond the last {@link VERSIONS_KEPT}, and the bytes that nobody can go back to any more.
 * @param standing what stood before the operation that made this needed
 */
export const pruneVersions = async (deps: InstallDeps, { namespace, placed }: Standing): Promise<void> => {
  const versions = await deps.store.plugins.versions(namespace);
  const tooOld = versions.slice(VERSIONS_KEPT).map((v) => v.sha256);
  for (const sha256 of tooOld) await deps.store.plugins.forget(namespace, sha256);
  const neverListed = placed && !versions.some((v) => v.sha256 === placed.sha256) ? [placed.sha256] : [];
  await dropUnused(deps, [...tooOld, ...neverListed]);
  await dropAbandoned(deps);
};
