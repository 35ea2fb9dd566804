import { readdir } from "node:fs/promises";
import path from "node:path";
import type { Manifest } from "@hitagi/contract";
import { createLocalArtifacts, parseManifest } from "../artifacts/local.ts";
import { ifThere } from "../disk/errors.ts";
import { sha256Of } from "../disk/sha256.ts";
import type { ArtifactShare } from "../store/types.ts";
import { createDigest, type Digest } from "./digest.ts";

/** The bytes of vetted versions at one endpoint of a copy. */
export interface ArtifactPort {
  list(): Promise<string[]>;
  /** Bytes with this hash, and their manifest; undefined if they are missing or damaged. */
  read(sha256: string): Promise<{ bytes: Buffer; manifest: Manifest } | undefined>;
  put(bytes: Buffer, manifest: Manifest): Promise<void>;
}

/** The vetted versions in a data folder. */
export const folderArtifacts = (data: string): ArtifactPort => {
  const folder = path.join(data, "artifacts");
  const artifacts = createLocalArtifacts(folder);
  return {
    list: async () =>
      ((await ifThere(readdir(folder))) ?? []).filter((name) => /^[0-9a-f]{64}$/.test(name)).sort(),
    read: async (sha256) => {
      const [bytes, manifest] = [await artifacts.read(sha256), await artifacts.manifest(sha256)];
      return bytes && manifest && { bytes, manifest };
    },
    put: async (bytes, manifest) => void (await artifacts.put(bytes, manifest)),
  };
};

/** The vetted versions in a shared store, or in a share beside it. */
export const sharedArtifacts = (
  share: ArtifactShare,
  beside: ArtifactShare | undefined,
  list: () => Promise<string[]>,
): ArtifactPort => ({
  list,
  read: async (sha256) => {
    const found = (await share.read(sha256)) ?? (await beside?.read(sha256));
    const manifest = found && parseManifest(found.manifest);
    return manifest && sha256Of(found.bytes) === sha256 ? { bytes: found.bytes, manifest } : undefined;
  },
  put: (bytes, manifest) => share.put(sha256Of(bytes), bytes, JSON.stringify(manifest)),
});

/**
 * Copies the missing versions, and reads each of them again at the target. A damaged version counts as missing; other versions of
 * the target stay.
 * @param wanted hashes of versions, beside those that the source lists
 */
export const copyArtifacts = async (
  source: ArtifactPort,
  target: ArtifactPort,
  wanted: readonly string[],
  onCopied: () => void = () => {},
): Promise<Digest> => {
  const digest = createDigest<{ sha256: string; manifest: Manifest }>(undefined);
  for (const sha256 of new Set([...(await source.list()), ...wanted])) {
    const found = (await target.read(sha256)) ?? (await source.read(sha256));
    if (!found) continue;
    await target.put(found.bytes, found.manifest);
    const kept = await target.read(sha256);
    if (kept) digest.add({ sha256, manifest: kept.manifest });
    onCopied();
  }
  return digest.end();
};
