import { chmod, mkdir, readdir, rename, rm, truncate, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { MAX_ARTIFACT_FILE_BYTES } from "@hitagi/contract";
import { expect, test } from "vitest";
import { createFolderShare } from "../../../src/artifacts/shares/folder.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { withoutRoot } from "../../support/without-root.ts";
import { shareContract } from "./share-contract.ts";

const sha256 = "a".repeat(64);

shareContract("a folder", async () => {
  const folder = await tempFolder();
  return async () => createFolderShare(folder);
});

test("a missing folder is reported and not created", async () => {
  const folder = path.join(await tempFolder(), "mounted-later");
  const share = createFolderShare(folder);
  const missing = { code: "ARTIFACTS_UNUSABLE", params: { reason: expect.stringContaining("mount") } };
  await expect(share.check()).rejects.toMatchObject(missing);
  await expect(share.put(sha256, Buffer.from("x"), "{}")).rejects.toMatchObject(missing);
  await expect(share.read(sha256)).rejects.toMatchObject(missing);
  await expect(share.has(sha256)).rejects.toMatchObject(missing);
  await expect(readdir(folder)).rejects.toThrow();
});

test("a folder without write permission is ARTIFACTS_UNUSABLE", async () => {
  const folder = await tempFolder();
  await chmod(folder, 0o500);
  const check = withoutRoot([folder], () => createFolderShare(folder).check());
  await expect(check).rejects.toMatchObject({ code: "ARTIFACTS_UNUSABLE" });
  await chmod(folder, 0o700);
});

test("a file instead of a folder is reported", async () => {
  const file = path.join(await tempFolder(), "file");
  await writeFile(file, "");
  await expect(createFolderShare(file).check()).rejects.toMatchObject({ code: "ARTIFACTS_UNUSABLE" });
});

test("a check removes abandoned files, and no files in progress", async () => {
  const folder = await tempFolder();
  const now = path.join(folder, `${sha256}.now.part`);
  const old = path.join(folder, `${sha256}.old.part`);
  await writeFile(now, "half");
  await writeFile(old, "half");
  await utimes(old, 1, 1);
  await createFolderShare(folder).check();
  expect(await readdir(folder)).toEqual([path.basename(now)]);
});

test("a huge file is not read to its end", async () => {
  const folder = await tempFolder();
  await writeFile(path.join(folder, sha256), "");
  await truncate(path.join(folder, sha256), 100 * MAX_ARTIFACT_FILE_BYTES);
  await writeFile(path.join(folder, `${sha256}.json`), "{}");
  const found = await createFolderShare(folder).read(sha256);
  expect(found?.bytes.length).toBe(MAX_ARTIFACT_FILE_BYTES + 1);
});

test("a disk is used again when it is back", async () => {
  const folder = await tempFolder();
  const share = createFolderShare(folder);
  await share.put(sha256, Buffer.from("x"), "{}");
  await rename(folder, `${folder}-away`);
  await expect(share.has(sha256)).rejects.toMatchObject({ code: "ARTIFACTS_UNUSABLE" });
  await rename(`${folder}-away`, folder);
  expect(await share.has(sha256)).toBe(true);
});

test("no path outside of the folder is read", async () => {
  const folder = path.join(await tempFolder(), "share");
  await mkdir(folder);
  await writeFile(path.join(folder, "../secret"), "s");
  await writeFile(path.join(folder, "../secret.json"), "s");
  const share = createFolderShare(folder);
  expect(await share.read("../secret")).toBeUndefined();
  await share.remove("../secret");
  expect(await readdir(path.dirname(folder))).toContain("secret");
  await rm(folder, { recursive: true });
});
