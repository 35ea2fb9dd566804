import { tmpdir } from "node:os";
import { HitagiError, type RegistryIndex } from "@hitagi/contract";
import { parseShareAddress } from "../artifacts/shares/address.ts";
import { targetOf } from "../artifacts/shares/shares.ts";
import { readConfig } from "../config/config.ts";
import { readNetwork } from "../config/network.ts";
import { publishToBucket } from "../keeper/publish/to-bucket.ts";

/**
 * Uploads a registry to the bucket at an address, `s3://bucket[/prefix]`, with the keys in the settings (HITAGI_S3_…).
 * @returns the files that were uploaded
 * @throws HitagiError CONFIG_INVALID, and the errors of the upload
 */
export const publishToBucketAt = (
  address: string,
  folder: string,
  index: Pick<RegistryIndex, "plugins">,
  env: NodeJS.ProcessEnv,
): Promise<string[]> => {
  const place = parseShareAddress(address);
  if ("fault" in place || place.kind !== "bucket") {
    const reason = "fault" in place ? place.fault : "it is no s3://bucket";
    throw new HitagiError("CONFIG_INVALID", { name: "--to", reason });
  }
  const config = readConfig({ data: tmpdir() }, env);
  return publishToBucket(folder, targetOf(config, place.bucket, place.prefix), readNetwork(config), index);
};
