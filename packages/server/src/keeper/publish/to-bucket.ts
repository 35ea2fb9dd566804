import { isHitagiError, MAX_INDEX_BYTES, type RegistryIndex } from "@hitagi/contract";
import { createS3Client, type S3Target } from "../../artifacts/shares/s3-client.ts";
import type { Network } from "../../net/http-agents.ts";
import { KeeperError } from "../keeper-error.ts";
import { contentTypeOf, publishedFiles, readInRegistry } from "./published-files.ts";

/** A large plugin over a slow line, with its retries. */
const TIMING = { timeoutMs: 300_000, retry: { attempts: 3, baseMs: 250 } };

/** The storage of artifacts says what an owner of a server can do. */
const forKeeper = (error: unknown, { base }: S3Target): unknown => {
  if (!isHitagiError(error, "ARTIFACTS_UNREACHABLE", "ARTIFACTS_UNUSABLE")) return error;
  return new KeeperError(
    `The bucket at ${base.href} cannot be used: ${error.params.reason}.`,
    "Check the network and the HITAGI_S3_… settings. The folder is built: publish it again.",
  );
};

/**
 * Uploads a registry to a bucket: only what differs, one file after another, the head last. What is there beside it stays.
 * @returns the files that were uploaded
 * @throws KeeperError if there is no such bucket, or it cannot be reached
 */
export const publishToBucket = async (
  folder: string,
  target: S3Target,
  network: Network,
  index: Pick<RegistryIndex, "plugins">,
): Promise<string[]> => {
  const { send, close } = createS3Client(target, network, TIMING);
  const uploaded: string[] = [];
  try {
    for (const key of publishedFiles(index)) {
      const body = await readInRegistry(folder, key);
      if (!body) continue;
      const there = await send({ method: "GET", key, maxBytes: MAX_INDEX_BYTES });
      if (there?.equals(body)) continue;
      // A write that answers 404 means that the bucket is missing.
      if ((await send({ method: "PUT", key, body, contentType: contentTypeOf(key) })) === undefined)
        throw new KeeperError("There is no such bucket.", "Make it first, and check HITAGI_S3_ENDPOINT.");
      uploaded.push(key);
    }
    return uploaded;
  } catch (error) {
    throw forKeeper(error, target);
  } finally {
    await close();
  }
};
