import type { Manifest } from "@hitagi/contract";

/** A version that was fetched, verified and vetted for a preview. */
export interface PreviewedVersion {
  bytes: Buffer;
  manifest: Manifest;
}

/**
 * What previews have learned, by sha256, so that the install that may follow need not fetch again. It is held in
 * memory, so that of a preview without an install nothing stays, and of a limited size: the oldest is forgotten.
 */
export interface PreviewCache {
  get(sha256: string): PreviewedVersion | undefined;
  put(sha256: string, version: PreviewedVersion): void;
}

const MAX_BYTES = 8 * 1024 * 1024;

/** @param maxBytes of the plugin files that are held at once */
export const createPreviewCache = (maxBytes: number = MAX_BYTES): PreviewCache => {
  const versions = new Map<string, PreviewedVersion>();
  const held = (): number => [...versions.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  return {
    get: (sha256) => versions.get(sha256),
    put: (sha256, version) => {
      versions.delete(sha256);
      versions.set(sha256, version);
      for (const oldest of versions.keys()) {
        if (held() <= maxBytes) return;
        versions.delete(oldest);
      }
    },
  };
};
