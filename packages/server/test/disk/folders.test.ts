import { existsSync } from "node:fs";
import { stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../../src/disk/folders.ts";
import { tempFolder } from "../support/temp-folder.ts";

test("makes a folder with its parents, and accepts an existing one", async () => {
  const folder = path.join(await tempFolder(), "a", "b", "c");
  await Promise.all([makeFolder(folder, 0o700), makeFolder(folder, 0o700), makeFolder(path.dirname(folder))]);
  await makeFolder(folder);
  expect((await stat(folder)).isDirectory()).toBe(true);
});

test("fails where a file has the folder's name", async () => {
  const file = path.join(await tempFolder(), "file");
  await writeFile(file, "");
  await expect(makeFolder(file)).rejects.toMatchObject({ code: "EEXIST" });
  await expect(makeFolder(path.join(file, "a"))).rejects.toMatchObject({ code: "ENOTDIR" });
});

test.skipIf(!existsSync("/proc/self"))(
  "ends where nothing can be made in a folder that is there",
  async () => {
    await expect(makeFolder("/proc/hitagi/data")).rejects.toMatchObject({ code: "ENOENT" });
  },
);

test("returns the topmost folder that it made, whose parent must be synced", async () => {
  const top = path.join(await tempFolder(), "a");
  expect(await makeFolder(path.join(top, "b"))).toBe(top);
  expect(await makeFolder(path.join(top, "b", "c"))).toBe(path.join(top, "b", "c"));
  expect(await makeFolder(path.join(top, "b", "c"))).toBeUndefined();
});
