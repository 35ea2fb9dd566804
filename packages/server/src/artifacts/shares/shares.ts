import { HitagiError } from "@hitagi/contract";
import { type Config, settingsTable } from "../../config/config.ts";
import type { Network } from "../../net/http-agents.ts";
import type { ExternalShare } from "../types.ts";
import { parseShareAddress } from "./address.ts";
import { createBucketShare } from "./bucket.ts";
import { createFolderShare } from "./folder.ts";
import type { S3Target } from "./s3-client.ts";

export type ShareConfig = Pick<
  Config,
  "artifacts" | "s3Endpoint" | "s3Region" | "s3PathStyle" | "s3KeyId" | "s3Secret" | "s3Token"
>;

/**
 * Where a bucket's objects are. In Amazon's own form the bucket is part of the host's name; at an endpoint of one's own it is part
 * of the path, which needs no names to be set up for it.
 */
const baseOf = ({ s3Endpoint, s3Region, s3PathStyle }: ShareConfig, bucket: string, prefix: string): URL => {
  const base = new URL(s3Endpoint || `https://s3.${s3Region}.amazonaws.com`);
  const below = base.pathname.replace(/\/+$/, "");
  const inPath = s3PathStyle === "" ? s3Endpoint !== "" : s3PathStyle === "1";
  if (!inPath) base.hostname = `${bucket}.${base.hostname}`;
  base.pathname = `${below}${inPath ? `/${bucket}` : ""}/${prefix}`;
  return base;
};

const targetOf = (config: ShareConfig, bucket: string, prefix: string): S3Target => ({
  base: baseOf(config, bucket, prefix),
  region: config.s3Region,
  keyId: config.s3KeyId,
  secret: config.s3Secret,
  token: config.s3Token,
});

/**
 * The share that the configuration names; undefined where that is the store.
 * @throws HitagiError CONFIG_INVALID
 */
export const openShare = (config: ShareConfig, network: Network): ExternalShare | undefined => {
  const place = parseShareAddress(config.artifacts);
  if ("fault" in place) {
    throw new HitagiError("CONFIG_INVALID", { name: settingsTable.artifacts.env, reason: place.fault });
  }
  if (place.kind === "store") return undefined;
  if (place.kind === "folder") return createFolderShare(place.folder);
  return createBucketShare(targetOf(config, place.bucket, place.prefix), network);
};
