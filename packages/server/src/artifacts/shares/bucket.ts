import { randomUUID } from "node:crypto";
import { MAX_ARTIFACT_FILE_BYTES } from "@hitagi/contract";
import type { Network } from "../../net/http-agents.ts";
import type { ExternalShare } from "../types.ts";
import { SHARE_TIMEOUT_MS, unusable } from "./errors.ts";
import { createS3Client, type S3Target, type S3Timing } from "./s3-client.ts";

const defaultTiming: S3Timing = { timeoutMs: SHARE_TIMEOUT_MS, retry: { attempts: 3, baseMs: 250 } };

/**
 * Artifacts in a bucket of Amazon S3 or of a compatible server: the bytes in `<sha256>`, the manifest in `<sha256>.json`. The manifest
 * is written first: where the bytes are, it is too.
 */
export const createBucketShare = (
  target: S3Target,
  network: Network,
  timing: S3Timing = defaultTiming,
): ExternalShare => {
  const { send, close } = createS3Client(target, network, timing);
  const get = (key: string) => send({ method: "GET", key, maxBytes: MAX_ARTIFACT_FILE_BYTES });
  const has = async (key: string) => (await send({ method: "HEAD", key })) !== undefined;
  const put = async (key: string, body: Buffer): Promise<void> => {
    // A write that answers 404 means that the bucket is missing.
    if ((await send({ method: "PUT", key, body })) === undefined)
      throw unusable("there is no such bucket there");
  };
  const remove = async (key: string): Promise<void> => void (await send({ method: "DELETE", key }));
  const manifestOf = (sha256: string): string => `${sha256}.json`;

  return {
    put: async (sha256, bytes, manifest) => {
      await put(manifestOf(sha256), Buffer.from(manifest));
      await put(sha256, bytes);
    },
    has: async (sha256) => (await has(sha256)) && (await has(manifestOf(sha256))),
    read: async (sha256) => {
      const [bytes, manifest] = await Promise.all([get(sha256), get(manifestOf(sha256))]);
      return bytes && manifest && { bytes, manifest: manifest.toString("utf8") };
    },
    remove: async (sha256) => {
      await remove(sha256);
      await remove(manifestOf(sha256));
    },
    check: async () => {
      const key = `hitagi-check-${randomUUID()}`;
      const probe = Buffer.from("hitagi");
      await put(key, probe);
      const read = await get(key);
      await remove(key);
      if (!read?.equals(probe)) throw unusable("what was written there reads differently");
      if (await get(key)) throw unusable("what was removed there can still be read");
    },
    close,
  };
};
