import { isHitagiError, type Manifest } from "@hitagi/contract";
import type { Logger } from "pino";
import { sha256Of } from "../disk/sha256.ts";
import type { ArtifactShare, PendingArtifacts } from "../store/types.ts";
import { parseManifest } from "./local.ts";
import type { Artifacts } from "./types.ts";

export interface SharedArtifactsDeps {
  /** What this machine has on its disk. */
  local: Artifacts;
  share: ArtifactShare;
  /** Notes of what is about to be recorded; without them nobody may put anything. */
  pending?: PendingArtifacts | undefined;
  /** Where they were shared before, or by servers that were not told yet; only read. */
  previousShare?: ArtifactShare | undefined;
  log: Pick<Logger, "warn">;
}

interface Found {
  bytes: Buffer;
  manifest: Manifest;
}

/**
 * Kept bytes that are also where other machines reach them. What this one lacks is fetched by its hash, compared with it, and
 * kept here from then on; so a new machine has every version that the one before had.
 */
export const createSharedArtifacts = ({
  local,
  share,
  pending,
  previousShare,
  log,
}: SharedArtifactsDeps): Artifacts => {
  const readFrom = async (place: ArtifactShare, sha256: string): Promise<Found | undefined> => {
    const found = await place.read(sha256);
    if (!found) return undefined;
    const manifest = parseManifest(found.manifest);
    if (manifest && sha256Of(found.bytes) === sha256) return { bytes: found.bytes, manifest };
    log.warn(
      { sha256 },
      "the shared bytes of a version are damaged and count as missing; remove them there, and a server that has them puts them back at its start",
    );
    return undefined;
  };
  const fetch = async (sha256: string): Promise<Found | undefined> => {
    const found =
      (await readFrom(share, sha256)) ?? (previousShare && (await readFrom(previousShare, sha256)));
    if (found) await local.put(found.bytes, found.manifest);
    return found;
  };
  /** What a plugin says of itself can be read from its bytes too; so it stops nobody that the share cannot be asked. */
  const manifestElsewhere = async (sha256: string): Promise<Manifest | undefined> => {
    try {
      return (await fetch(sha256))?.manifest;
    } catch (err) {
      if (!isHitagiError(err)) throw err;
      log.warn({ err, sha256 }, "the manifest of a version could not be fetched");
      return undefined;
    }
  };
  const here = async (sha256: string): Promise<Found | undefined> => {
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
    manifest: async (sha256) => (await local.manifest(sha256)) ?? (await manifestElsewhere(sha256)),
    isKept: async (sha256) => (await local.isKept(sha256)) && (await share.has(sha256)),
    reserve: async (sha256) => {
      if (!(await local.isKept(sha256))) return false;
      // In this order: what is noted is not removed once it was seen.
      await pending?.note(sha256);
      return share.has(sha256);
    },
    isHere: local.isHere,
    list: local.list,
    replicate: async (sha256) => {
      if (await share.has(sha256)) return false;
      const found = (await here(sha256)) ?? (previousShare && (await readFrom(previousShare, sha256)));
      if (found) await share.put(sha256, found.bytes, JSON.stringify(found.manifest));
      return found !== undefined;
    },
    evict: local.evict,
  };
};
