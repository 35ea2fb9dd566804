import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Manifest } from "@hitagi/contract";
import { expect, test } from "vitest";
import { createLocalArtifacts } from "../../src/artifacts/local.ts";
import { bundleScript } from "../support/script.ts";
import { tempFolder } from "../support/temp-folder.ts";

const bytes = Buffer.from("export default {};\n");
const sha256 = createHash("sha256").update(bytes).digest("hex");
const manifest: Manifest = {
  namespace: "title-suffix",
  type: "metadata",
  name: "Title suffix",
  version: "1.0.0",
  author: "me",
  description: "Ünïcode ✓",
  parameters: { suffix: { type: "string", default_value: "-1" } },
};

test("bytes and manifest are stored under their hash, also for later processes", async () => {
  const folder = path.join(await tempFolder(), "artifacts");
  expect(await createLocalArtifacts(folder).put(bytes, manifest)).toBe(sha256);
  const later = createLocalArtifacts(folder);
  expect(await later.read(sha256)).toEqual(bytes);
  expect(await later.manifest(sha256)).toEqual(manifest);
  expect((await readdir(folder)).sort()).toEqual([sha256, `${sha256}.json`]);
});

test("a missing artifact is undefined, also without a folder", async () => {
  const artifacts = createLocalArtifacts(path.join(await tempFolder(), "absent"));
  expect(await artifacts.read(sha256)).toBeUndefined();
  expect(await artifacts.manifest(sha256)).toBeUndefined();
  await expect(artifacts.evict(sha256)).resolves.toBeUndefined();
});

test("damaged files count as missing, and can be replaced", async () => {
  const folder = await tempFolder();
  const artifacts = createLocalArtifacts(folder);
  await artifacts.put(bytes, manifest);
  await writeFile(path.join(folder, sha256), bytes.subarray(1));
  await writeFile(path.join(folder, `${sha256}.json`), '{"namespace":');
  expect(await artifacts.read(sha256)).toBeUndefined();
  expect(await artifacts.manifest(sha256)).toBeUndefined();
  await writeFile(path.join(folder, `${sha256}.json`), '{"namespace":"x"}');
  expect(await artifacts.manifest(sha256)).toBeUndefined();
  await artifacts.put(bytes, manifest);
  expect(await artifacts.read(sha256)).toEqual(bytes);
  expect(await artifacts.manifest(sha256)).toEqual(manifest);
});

test("a hundred concurrent puts of the same bytes leave one whole artifact", async () => {
  const folder = await tempFolder();
  const artifacts = createLocalArtifacts(folder);
  await Promise.all(Array.from({ length: 100 }, () => artifacts.put(bytes, manifest)));
  expect(await artifacts.read(sha256)).toEqual(bytes);
  expect((await readdir(folder)).sort()).toEqual([sha256, `${sha256}.json`]);
});

test("eviction removes both files", async () => {
  const folder = await tempFolder();
  const artifacts = createLocalArtifacts(folder);
  await artifacts.put(bytes, manifest);
  await artifacts.evict(sha256);
  expect(await readdir(folder)).toEqual([]);
});

test("unfinished files of a stopped process are removed before the first put", async () => {
  const folder = await tempFolder();
  await writeFile(path.join(folder, `${sha256}.5f0c.part`), "half");
  await createLocalArtifacts(folder).put(bytes, manifest);
  expect((await readdir(folder)).sort()).toEqual([sha256, `${sha256}.json`]);
});

test("only hashes are accepted as names", async () => {
  const folder = await tempFolder();
  await mkdir(path.join(folder, "a"));
  await writeFile(path.join(folder, "secret"), "s");
  const artifacts = createLocalArtifacts(path.join(folder, "a"));
  await expect(artifacts.read("../secret")).rejects.toMatchObject({ code: "STORE_FAILED" });
  await expect(artifacts.evict("../secret")).rejects.toMatchObject({ code: "STORE_FAILED" });
  expect(await readdir(folder)).toContain("secret");
});

/** Mounting a file system needs root. */
const canMount = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;

test.skipIf(!canMount)("a put on a full disk fails with DISK_FULL and leaves nothing", async () => {
  const folder = await tempFolder();
  const bundle = await bundleScript(path.join(import.meta.dirname, "scripts/fill-disk.ts"));
  const command = 'mount -t tmpfs -o size=64k tmpfs "$1" && exec "$2" "$3" "$1"';
  const args = ["-rm", "sh", "-c", command, "sh", folder, process.execPath, bundle];
  const { stdout } = spawnSync("unshare", args, { encoding: "utf8" });
  expect(JSON.parse(stdout)).toEqual({ code: "DISK_FULL", left: [] });
});
