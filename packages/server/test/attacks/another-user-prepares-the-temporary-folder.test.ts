import { execFileSync } from "node:child_process";
import { chmod, chown, mkdir, readdir, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { makeWorkFolder } from "../../src/runtimes/processes/work-folder.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { OTHER_USER } from "../support/without-root.ts";

const uid = process.getuid?.() ?? 0;

/** A folder that all users write to, as /tmp, and a folder of the server's user that must stay as it is. */
const shared = async () => {
  const parent = await tempFolder();
  await chmod(parent, 0o1777);
  const victim = path.join(await tempFolder(), "victim");
  await mkdir(victim);
  await writeFile(path.join(victim, "file"), "kept");
  const gone = execFileSync(process.execPath, ["-p", "process.pid"]).toString().trim();
  return { parent, victim, left: `hitagi-sandbox-${gone}-abc` };
};

test("in a folder of all users, no folder is removed", async () => {
  const { parent, victim, left } = await shared();
  await mkdir(path.join(parent, left));
  await symlink(victim, path.join(parent, left, "empty"));
  await symlink(victim, path.join(parent, `${left}d`));
  const own = await makeWorkFolder(parent);
  expect(path.dirname(own)).toBe(path.join(parent, `hitagi-${uid}`));
  for (const folder of [own, path.dirname(own)]) expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await readdir(parent)).sort()).toEqual([`hitagi-${uid}`, left, `${left}d`].sort());
  expect(await readdir(victim)).toEqual(["file"]);
});

test("in the private folder, folders of exited processes are removed, and links are not followed", async () => {
  const { parent, victim, left } = await shared();
  const own = path.dirname(await makeWorkFolder(parent));
  await mkdir(path.join(own, left));
  await symlink(victim, path.join(own, left, "empty"));
  await symlink(victim, path.join(own, `${left}d`));
  const next = await makeWorkFolder(parent);
  expect((await readdir(own)).filter((name) => name.startsWith(left))).toEqual([]);
  expect(path.dirname(next)).toBe(own);
  expect(await readdir(victim)).toEqual(["file"]);
});

test("in the server's own folder that others may read, the private folder is made too", async () => {
  const { parent } = await shared();
  await chmod(parent, 0o755);
  const own = await makeWorkFolder(parent);
  expect(path.dirname(own)).toBe(path.join(parent, `hitagi-${uid}`));
  for (const folder of [own, path.dirname(own)]) expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test.each<[string, (own: string, victim: string) => Promise<unknown>]>([
  ["a link", (own, victim) => symlink(victim, own)],
  [
    "a folder that others write to",
    async (own) => {
      await mkdir(own);
      await chmod(own, 0o777);
    },
  ],
  [
    "a folder that others read",
    async (own) => {
      await mkdir(own);
      await chmod(own, 0o755);
    },
  ],
  ...(uid === 0
    ? [
        [
          "a folder of another user",
          async (own: string) => {
            await mkdir(own);
            await chown(own, OTHER_USER, OTHER_USER);
          },
        ] as [string, (own: string) => Promise<unknown>],
      ]
    : []),
])("%s that takes the private folder's name is not used", async (_, take) => {
  const { parent, victim, left } = await shared();
  const name = path.join(parent, `hitagi-${uid}`);
  await take(name, victim);
  await mkdir(path.join(name, left));
  const own = await makeWorkFolder(parent);
  expect(path.dirname(own)).toBe(parent);
  expect((await stat(own)).mode & 0o777).toBe(0o700);
  expect(await readdir(name)).toContain(left);
});
