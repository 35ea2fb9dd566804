import { isHitagiError } from "@hitagi/contract";
import type { InstallDeps } from "../deps.ts";

const hashesOf = async ({ store }: Pick<InstallDeps, "store">): Promise<Set<string>> => {
  const hashes = new Set<string>();
  for (const { namespace, provenance } of await store.plugins.list()) {
    if (provenance) hashes.add(provenance.sha256);
    for (const { sha256 } of await store.plugins.versions(namespace)) hashes.add(sha256);
  }
  return hashes;
};

/**
 * Puts the artifacts of all installed and kept versions that only this machine has on the share. So a new share is filled when the servers
 * start with it. If the share is unreachable, the next start tries again.
 */
export const replicateArtifacts = async (
  deps: Pick<InstallDeps, "store" | "artifacts" | "isStoreShared" | "log">,
  signal: AbortSignal,
): Promise<void> => {
  if (!deps.isStoreShared) return;
  let versions = 0;
  try {
    for (const sha256 of await hashesOf(deps)) {
      if (signal.aborted) return;
      if (await deps.artifacts.replicate(sha256)) versions++;
    }
  } catch (err) {
    if (!isHitagiError(err)) throw err;
    deps.log.warn({ err }, "artifacts could not be shared; the next start tries again");
  }
  if (versions > 0) deps.log.info({ versions }, "shared the artifacts that only this server had");
};
