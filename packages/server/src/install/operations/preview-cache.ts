import type { Manifest } from "@hitagi/contract";
import { LRUCache } from "lru-cache";

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
  const versions = new LRUCache<string, PreviewedVersion>({
    maxSize: maxBytes,
    sizeCalculation: ({ bytes }) => Math.max(1, bytes.length),
  });
  return {
    get: (sha256) => versions.get(sha256),
    put: (sha256, version) => void versions.set(sha256, version),
  };
};
