import type { Manifest } from "@hitagi/contract";
import { parseManifest, sha256Of } from "./artifacts.ts";
import type { ArtifactShare, Artifacts } from "./types.ts";

/**
 * Kept bytes that are also where other machines reach them. What this one lacks is fetched by its hash, compared with it, and
 * kept here from then on; so a new machine has every version that the one before had.
 */
export const createSharedArtifacts = (local: Artifacts, share: ArtifactShare): Artifacts => {
  const fetch = async (sha256: string): Promise<{ bytes: Buffer; manifest: Manifest } | undefined> => {
    const found = await share.read(sha256);
    const manifest = found && parseManifest(found.manifest);
    if (!manifest || sha256Of(found.bytes) !== sha256) return undefined;
    await local.put(found.bytes, manifest);
    return { bytes: found.bytes, manifest };
  };
  return {
    put: async (bytes, manifest) => {
      const sha256 = await local.put(bytes, manifest);
      await share.put(sha256, bytes, JSON.stringify(manifest));
      return sha256;
    },
    read: async (sha256) => (await local.read(sha256)) ?? (await fetch(sha256))?.bytes,
    manifest: async (sha256) => (await local.manifest(sha256)) ?? (await fetch(sha256))?.manifest,
    isKept: async (sha256) => (await local.isKept(sha256)) && (await share.has(sha256)),
    isHere: local.isHere,
    list: local.list,
    evict: local.evict,
    remove: async (sha256) => {
      await local.remove(sha256);
      await share.remove(sha256);
    },
  };
};
