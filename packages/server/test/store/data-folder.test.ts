import { stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { claimDataFolder } from "../../src/store/data-folder.ts";
import { startScript } from "../support/script.ts";
import { tempFolder } from "../support/temp-folder.ts";

const script = path.join(import.meta.dirname, "scripts/claim-folder.ts");

const claim = async (folder: string) => {
  const claimed = await claimDataFolder(folder);
  onTestFinished(() => claimed.release());
  return claimed;
};

test("the folder is made, for its owner only", async () => {
  const folder = path.join(await tempFolder(), "data/here");
  await claim(folder);
  if (process.platform !== "win32") expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test("a second server is refused and told who has the folder", async () => {
  const folder = await tempFolder();
  const holder = await startScript(script, folder);
  expect(await holder.line()).toBe("claimed");
  const refused = { code: "DATA_IN_USE", params: { pid: String(holder.process.pid) } };
  await expect(claimDataFolder(folder)).rejects.toMatchObject(refused);
  await expect(claimDataFolder(folder)).rejects.toMatchObject(refused);
});

test("after kill -9 of the holder the folder can be claimed at once", async () => {
  const folder = await tempFolder();
  const holder = await startScript(script, folder);
  await holder.line();
  await holder.kill();
  await expect(claim(folder)).resolves.toBeDefined();
});

test("one process claims a folder once, and again after its release", async () => {
  const folder = await tempFolder();
  const first = await claim(folder);
  await expect(claimDataFolder(folder)).rejects.toMatchObject({ code: "DATA_IN_USE" });
  await first.release();
  await first.release();
  await expect(claim(folder)).resolves.toBeDefined();
});

test("two folders are two claims", async () => {
  await claim(await tempFolder());
  await expect(claim(await tempFolder())).resolves.toBeDefined();
});

test("a folder that cannot be made is refused without its path", async () => {
  const folder = await tempFolder();
  await writeFile(path.join(folder, "file"), "");
  const failure = claimDataFolder(path.join(folder, "file/data"));
  await expect(failure).rejects.toMatchObject({ code: "STORE_FAILED" });
  await expect(failure).rejects.not.toThrow(folder);
});
