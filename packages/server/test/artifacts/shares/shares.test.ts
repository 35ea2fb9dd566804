import path from "node:path";
import { describe, expect, test } from "vitest";
import { parseShareAddress } from "../../../src/artifacts/shares/address.ts";
import { readConfig } from "../../../src/config/config.ts";

const configured = (env: Record<string, string>) =>
  readConfig({ data: path.resolve("/tmp/none") }, { HITAGI_STORE: "redis://127.0.0.1/2", ...env });

const key = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret" };

test.each([
  ["", { kind: "store" }],
  ["/srv/share", { kind: "folder", folder: "/srv/share" }],
  ["file:/srv/share", { kind: "folder", folder: "/srv/share" }],
  ["file:///srv/a/../share", { kind: "folder", folder: "/srv/share" }],
  ["s3://plugins", { kind: "bucket", bucket: "plugins", prefix: "" }],
  ["s3://plugins/", { kind: "bucket", bucket: "plugins", prefix: "" }],
  ["s3://plugins/a/b/", { kind: "bucket", bucket: "plugins", prefix: "a/b/" }],
])("%j names a place", (text, place) => {
  expect(parseShareAddress(text)).toEqual(place);
});

test.each([
  "share",
  "./share",
  "s3://",
  "s3://A_B",
  "s3://ab/../cd",
  "s3://abc/a b",
  "s3://abc/%2e",
  "ftp://x",
])("%j names none, and the error names the setting", (text) => {
  expect(() => configured({ ...key, HITAGI_ARTIFACTS: text })).toThrow(/HITAGI_ARTIFACTS/);
});

describe("settings", () => {
  test("fall back to the variables of S3 tools", () => {
    const tools = { ...key, AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9000/" };
    expect(configured({ ...tools, HITAGI_ARTIFACTS: "s3://plugins" })).toMatchObject({
      s3KeyId: "id",
      s3Secret: "secret",
      s3Region: "eu-west-1",
      s3Endpoint: "http://127.0.0.1:9000",
    });
    expect(configured({ ...tools, HITAGI_S3_KEY_ID: "own" })).toMatchObject({ s3KeyId: "own" });
  });

  test("without a key, or with SQLite, are refused", () => {
    expect(() => configured({ HITAGI_ARTIFACTS: "s3://plugins" })).toThrow(/HITAGI_S3_KEY_ID/);
    expect(() => readConfig({ data: "/tmp/none" }, { HITAGI_ARTIFACTS: "/srv/share" })).toThrow(/SQLite/);
  });
});
