import type { InstallDeps } from "../deps.ts";
import type { CurrentState } from "./current-state.ts";

/** How many versions of a plugin can be rolled back to, the current one among them. */
const VERSIONS_KEPT = 5;

/**
 * Removes from this machine those of the kept bytes that no namespace has in place or can go back to. Where servers share bytes they stay
 * there: another one may be about to record the very same. They are noted, and go once that did not happen.
 */
export const evictUnused = async (deps: InstallDeps, hashes: readonly string[]): Promise<void> => {
  const named = await deps.store.plugins.named(hashes);
  for (const sha256 of hashes) if (!named.has(sha256)) await deps.artifacts.evict(sha256);
};

/**
 * Forgets the versions beyond the last {@link VERSIONS_KEPT}, and the bytes that nobody can go back to any more.
 * @param current what stood before the operation that made this needed
 */
export const pruneVersions = async (
  deps: InstallDeps,
  { namespace, record, installed }: CurrentState,
): Promise<void> => {
  for (const sha256 of await deps.store.plugins.prune(namespace, VERSIONS_KEPT)) {
    await deps.artifacts.evict(sha256);
  }
  // A file that was put there by hand was kept for as long as the operation could fail.
  if (installed && installed.sha256 !== record?.provenance?.sha256)
    await evictUnused(deps, [installed.sha256]);
};
