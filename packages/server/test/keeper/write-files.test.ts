import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { writeRegistryFiles } from "../../src/keeper/write-files.ts";
import { tempFolder } from "../support/temp-folder.ts";

const text = (folder: string, file: string) => readFile(path.join(folder, file), "utf8");

it("puts files into their places, in new folders too, and leaves nothing else", async () => {
  const folder = await tempFolder();
  await writeRegistryFiles(folder, [
    { file: "a/b/c", content: "c" },
    { file: "d", content: Buffer.from("d") },
  ]);
  expect([await text(folder, "a/b/c"), await text(folder, "d")]).toEqual(["c", "d"]);
  expect((await readdir(folder)).sort()).toEqual(["a", "d"]);
});

it("leaves the folder as it was if one file cannot be written", async () => {
  const folder = await tempFolder();
  await writeFile(path.join(folder, "a"), "before");
  const spoiled = { length: 1 } as unknown as Buffer;
  const written = writeRegistryFiles(folder, [
    { file: "a", content: "after" },
    { file: "b", content: spoiled },
  ]);
  await expect(written).rejects.toMatchObject({ code: "STORE_FAILED" });
  expect([await readdir(folder), await text(folder, "a")]).toEqual([["a"], "before"]);
});

it("removes what a killed command left", async () => {
  const folder = await tempFolder();
  await mkdir(path.join(folder, ".hitagi-staging-killed"));
  await writeFile(path.join(folder, ".hitagi-staging-killed", "0"), "half");
  await writeRegistryFiles(folder, [{ file: "a", content: "a" }]);
  expect(await readdir(folder)).toEqual(["a"]);
});

it("writes through no link below the folder, and replaces one that has a file's name", async () => {
  const [folder, elsewhere] = [await tempFolder(), await tempFolder()];
  await writeFile(path.join(elsewhere, "own"), "own");
  await symlink(elsewhere, path.join(folder, "plugins"));
  await symlink(path.join(elsewhere, "own"), path.join(folder, "registry.json"));
  for (const file of ["plugins/a.ts", "plugins/deep/a.ts"])
    await expect(writeRegistryFiles(folder, [{ file, content: "a" }])).rejects.toThrow("is a link");
  await writeRegistryFiles(folder, [{ file: "registry.json", content: "{}" }]);
  expect([await readdir(elsewhere), await text(elsewhere, "own")]).toEqual([["own"], "own"]);
  expect((await readdir(folder)).sort()).toEqual(["plugins", "registry.json"]);
  await symlink(folder, path.join(elsewhere, "linked"));
  await writeRegistryFiles(path.join(elsewhere, "linked"), [{ file: "b/c", content: "c" }]);
  expect(await text(folder, "b/c")).toBe("c");
});
