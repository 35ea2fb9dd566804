import path from "node:path";
import { sha256Of } from "../../disk/sha256.ts";

/** Where servers share artifacts. */
export type ShareAddress =
  | { kind: "store" }
  | { kind: "folder"; folder: string }
  /** `prefix` is empty or ends with `/`. */
  | { kind: "bucket"; bucket: string; prefix: string };

/** Amazon S3: "Bucket naming rules", and the safe characters of "Object keys". */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const PREFIX = /^[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*$/;

const bucketOf = (rest: string): ShareAddress | { fault: string } => {
  const [bucket = "", ...segments] = rest.split("/");
  const prefix = segments.filter((segment) => segment !== "").join("/");
  if (!BUCKET.test(bucket)) return { fault: "s3:// is not followed by the name of a bucket" };
  if (prefix === "") return { kind: "bucket", bucket, prefix };
  const plain = PREFIX.test(prefix) && !prefix.split("/").some((segment) => /^\.+$/.test(segment));
  if (!plain) return { fault: "what follows the bucket may have letters, digits, _ . - and / only" };
  return { kind: "bucket", bucket, prefix: `${prefix}/` };
};

/** Parses HITAGI_ARTIFACTS: empty for the store, `s3://bucket[/prefix]`, `file:///folder`, or an absolute path. */
export const parseShareAddress = (text: string): ShareAddress | { fault: string } => {
  if (text === "") return { kind: "store" };
  if (text.startsWith("s3://")) return bucketOf(text.slice("s3://".length));
  const folder = text.startsWith("file:") ? text.replace(/^file:(?:\/\/(?=\/))?/, "") : text;
  if (path.isAbsolute(folder)) return { kind: "folder", folder: path.normalize(folder) };
  return { fault: "neither an absolute folder nor s3://bucket" };
};

/** Hex digits of a fingerprint. */
const DIGITS = 8;

/** Identifies a share without naming it. Servers on one store compare their fingerprints. */
export const shareFingerprint = (text: string): string => {
  const address = parseShareAddress(text);
  if ("fault" in address || address.kind === "store") return "store";
  return `${address.kind} ${sha256Of(JSON.stringify(address)).slice(0, DIGITS)}`;
};
