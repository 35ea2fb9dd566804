import type { InstallDeps } from "../deps.ts";
import type { LockedDeps } from "../locks.ts";
import type { CurrentState } from "./current-state.ts";

/** Versions that are kept for a rollback, including the current one. */
const VERSIONS_KEPT = 5;

/**
 * Evicts artifacts that no record names from this machine. On a share they stay pending, because another server may be about to record
 * them; garbage collection removes them.
 */
export const evictUnused = async (deps: InstallDeps, hashes: readonly string[]): Promise<void> => {
  const named = await deps.store.plugins.named(hashes);
  for (const sha256 of hashes) if (!named.has(sha256)) await deps.artifacts.evict(sha256);
};

/**
 * Prunes the versions beyond the last {@link VERSIONS_KEPT}, and evicts their artifacts.
 * @param current the state before the operation
 */
export const pruneVersions = async (
  deps: LockedDeps,
  { namespace, record, installed }: CurrentState,
): Promise<void> => {
  for (const sha256 of await deps.store.plugins.prune(namespace, VERSIONS_KEPT)) {
    await deps.artifacts.evict(sha256);
  }
  // The owner's own file was kept only while the operation could fail.
  if (installed && installed.sha256 !== record?.provenance?.sha256)
    await evictUnused(deps, [installed.sha256]);
};
