import { isHitagiError, type Manifest } from "@hitagi/contract";
import type { Logger } from "pino";
import { sha256Of } from "../disk/sha256.ts";
import type { ArtifactShare, PendingArtifacts } from "../store/types.ts";
import { parseManifest } from "./local.ts";
import type { Artifacts } from "./types.ts";

export interface SharedArtifactsDeps {
  /** The artifacts on this machine's disk. */
  local: Artifacts;
  share: ArtifactShare;
  /** Protects artifacts from garbage collection until a record names them. Absent where nothing is put. */
  pending?: PendingArtifacts | undefined;
  /** Where servers shared artifacts before, or still do if their setting is older. Only read. */
  previousShare?: ArtifactShare | undefined;
  log: Pick<Logger, "warn">;
}

interface Artifact {
  bytes: Buffer;
  manifest: Manifest;
}

/**
 * Artifacts on this machine's disk and on a share that other machines reach. Fetches what is missing here from the share, compares it
 * with its hash, and keeps it; so a new machine has every version.
 */
export const createSharedArtifacts = ({
  local,
  share,
  pending,
  previousShare,
  log,
}: SharedArtifactsDeps): Artifacts => {
  const readFrom = async (from: ArtifactShare, sha256: string): Promise<Artifact | undefined> => {
    const found = await from.read(sha256);
    if (!found) return undefined;
    const manifest = parseManifest(found.manifest);
    if (manifest && sha256Of(found.bytes) === sha256) return { bytes: found.bytes, manifest };
    log.warn(
      { sha256 },
      "a shared artifact is damaged and counts as missing; remove it there, and a server that has it restores it at its start",
    );
    return undefined;
  };
  const fetch = async (sha256: string): Promise<Artifact | undefined> => {
    const found =
      (await readFrom(share, sha256)) ?? (previousShare && (await readFrom(previousShare, sha256)));
    if (found) await local.put(found.bytes, found.manifest);
    return found;
  };
  /** The plugin can be loaded for its manifest too, so an unreachable share is no error. */
  const fetchManifest = async (sha256: string): Promise<Manifest | undefined> => {
    try {
      return (await fetch(sha256))?.manifest;
    } catch (err) {
      if (!isHitagiError(err)) throw err;
      log.warn({ err, sha256 }, "the manifest of a version could not be fetched");
      return undefined;
    }
  };
  const readLocal = async (sha256: string): Promise<Artifact | undefined> => {
    const [bytes, manifest] = await Promise.all([local.read(sha256), local.manifest(sha256)]);
    return bytes && manifest && { bytes, manifest };
  };
  return {
    put: async (bytes, manifest) => {
      const sha256 = await local.put(bytes, manifest);
      await share.put(sha256, bytes, JSON.stringify(manifest));
      return sha256;
    },
    read: async (sha256) => (await local.read(sha256)) ?? (await fetch(sha256))?.bytes,
    manifest: async (sha256) => (await local.manifest(sha256)) ?? (await fetchManifest(sha256)),
    isStored: async (sha256) => (await local.isStored(sha256)) && (await share.has(sha256)),
    reserve: async (sha256) => {
      if (!(await local.isStored(sha256))) return false;
      // In this order: once pending, an artifact that is there is not removed.
      await pending?.note(sha256);
      return share.has(sha256);
    },
    isLocal: local.isLocal,
    list: local.list,
    replicate: async (sha256) => {
      if (await share.has(sha256)) return false;
      const found = (await readLocal(sha256)) ?? (previousShare && (await readFrom(previousShare, sha256)));
      if (found) await share.put(sha256, found.bytes, JSON.stringify(found.manifest));
      return found !== undefined;
    },
    evict: local.evict,
  };
};

/** An external share that marks artifacts as pending before it puts them, as the store does with its own. */
export const notePendingArtifacts = (
  { put, has, read, remove }: ArtifactShare,
  pending: PendingArtifacts,
): ArtifactShare => ({
  put: async (sha256, ...artifact) => {
    await pending.note(sha256);
    await put(sha256, ...artifact);
  },
  has,
  read,
  remove,
});
