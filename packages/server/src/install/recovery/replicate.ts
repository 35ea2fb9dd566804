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
 * Puts the bytes of every installed and kept version where other servers find them, as far as they are known here and missing there. So
 * another place to share them at is filled by starting the servers with it. What cannot be reached is left for the next start.
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
    deps.log.warn({ err }, "bytes of plugins could not be shared; the next start tries again");
  }
  if (versions > 0) deps.log.info({ versions }, "shared the bytes of versions that only this server had");
};
