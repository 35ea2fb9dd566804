import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { pino } from "pino";
import { describe, expect, onTestFinished, test } from "vitest";
import { moveInto, removeFile, restoreFile, writeDurably } from "../../src/disk/files.ts";
import { withUndo } from "../../src/install/undo.ts";
import { tempFolder } from "../support/temp-folder.ts";

describe("a file's place", () => {
  test("moves a file into place and creates missing folders", async () => {
    const folder = await tempFolder();
    const [from, to] = [path.join(folder, "in"), path.join(folder, "a/b/out.ts")];
    await writeDurably(from, "new");
    await moveInto(from, to);
    expect(await readFile(to, "utf8")).toBe("new");
    expect(await readdir(folder)).toEqual(["a"]);
  });

  test("moves a file from another disk and leaves no temporary file", async (context) => {
    const folder = await tempFolder();
    const { dev } = await stat(folder);
    const disks = ["/dev/shm", "/var/tmp"].filter((disk) => existsSync(disk) && statSync(disk).dev !== dev);
    if (!disks[0]) return context.skip("there is no second disk here");
    const other = await mkdtemp(`${disks[0]}/hitagi-test-`);
    onTestFinished(() => rm(other, { recursive: true, force: true }));
    const [from, to] = [path.join(other, "in"), path.join(folder, "out.ts")];
    await writeFile(to, "old");
    await writeDurably(from, "new");
    await moveInto(from, to);
    expect(await readFile(to, "utf8")).toBe("new");
    expect(await readdir(folder)).toEqual(["out.ts"]);
    expect(await readdir(other)).toEqual([]);
  });

  test("restores a file's bytes, or removes the file", async () => {
    const folder = await tempFolder();
    const file = path.join(folder, "plugin.ts");
    await restoreFile(folder, file, Buffer.from("old"));
    expect(await readFile(file, "utf8")).toBe("old");
    await restoreFile(folder, file, undefined);
    expect(await readdir(folder)).toEqual([]);
    await removeFile(file);
  });
});

/** Mounts a disk of one megabyte; answers false where this process may not. */
const mountSmallDisk = async (folder: string): Promise<boolean> => {
  await mkdir(folder);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]);
  if (mounted.status !== 0) return false;
  onTestFinished(() => void spawnSync("umount", [folder]));
  return true;
};

test("a full disk is DISK_FULL in every operation", async (context) => {
  const disk = path.join(await tempFolder(), "disk");
  if (!(await mountSmallDisk(disk))) return context.skip("this process may not mount a small disk");
  const file = path.join(disk, "artifact");
  const failing = withUndo({ log: pino({ level: "silent" }) }, async (undo) => {
    undo.push("the file", () => rm(file, { force: true }));
    await writeDurably(file, Buffer.alloc(1_100_000));
  });
  await expect(failing).rejects.toMatchObject({ code: "DISK_FULL", status: 507 });
  expect(await readdir(disk)).toEqual([]);
});
