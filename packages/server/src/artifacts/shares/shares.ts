import { HitagiError } from "@hitagi/contract";
import type { Network } from "../../net/http-agents.ts";
import type { ExternalShare } from "../types.ts";
import { parseShareAddress } from "./address.ts";
import { createBucketShare } from "./bucket.ts";
import { createFolderShare } from "./folder.ts";
import type { S3Target } from "./s3-client.ts";

/** The settings of a share. All but `artifacts` and `s3Region` may be empty. */
export interface ShareConfig {
  /** See {@link parseShareAddress}. */
  artifacts: string;
  s3Endpoint: string;
  s3Region: string;
  /** `1` for a bucket in the path, `0` for one in the host name; by default in the path of an own endpoint. */
  s3PathStyle: string;
  s3KeyId: string;
  s3Secret: string;
  s3Token: string;
}

/** The URL of a bucket's objects. In the path, the bucket needs no DNS name of its own. */
const baseOf = (
  { s3Endpoint, s3Region, s3PathStyle }: Omit<ShareConfig, "artifacts">,
  bucket: string,
  prefix: string,
): URL => {
  const base = new URL(s3Endpoint || `https://s3.${s3Region}.amazonaws.com`);
  const below = base.pathname.replace(/\/+$/, "");
  const inPath = s3PathStyle === "" ? s3Endpoint !== "" : s3PathStyle === "1";
  if (!inPath) base.hostname = `${bucket}.${base.hostname}`;
  base.pathname = `${below}${inPath ? `/${bucket}` : ""}/${prefix}`;
  return base;
};

/** A bucket as the settings reach it. @param prefix of its objects; empty, or with `/` at its end */
export const targetOf = (
  config: Omit<ShareConfig, "artifacts">,
  bucket: string,
  prefix: string,
): S3Target => ({
  base: baseOf(config, bucket, prefix),
  region: config.s3Region,
  keyId: config.s3KeyId,
  secret: config.s3Secret,
  token: config.s3Token,
});

/**
 * Opens the configured share; undefined where the store is the share.
 * @throws HitagiError CONFIG_INVALID
 */
export const openShare = (config: ShareConfig, network: Network): ExternalShare | undefined => {
  const address = parseShareAddress(config.artifacts);
  if ("fault" in address) {
    throw new HitagiError("CONFIG_INVALID", { name: "HITAGI_ARTIFACTS", reason: address.fault });
  }
  if (address.kind === "store") return undefined;
  if (address.kind === "folder") return createFolderShare(address.folder);
  return createBucketShare(targetOf(config, address.bucket, address.prefix), network);
};
