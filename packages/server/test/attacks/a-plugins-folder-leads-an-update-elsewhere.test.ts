import { lstat, mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { runCaptured } from "../cli/cli-world.ts";
import { FIRST_PIPELINES } from "../kit/first-pipelines.ts";
import { tempFolder } from "../support/temp-folder.ts";

const PACKAGES = ["node_modules/@hitagi/sdk", "node_modules/hitagi"];

/** A plugin in which each step of an update is made, with folders for its packages, and a folder beside it that must not change. */
const open = async () => {
  const cwd = await tempFolder();
  const plugin = path.join(cwd, "plugin");
  const victim = path.join(cwd, "victim");
  await runCaptured(["new", "plugin", "--type", "script"], { cwd });
  const manifest = path.join(plugin, "package.json");
  await writeFile(manifest, (await readFile(manifest, "utf8")).replace(/"scaffold": \d+/, '"scaffold": 0'));
  await mkdir(victim);
  for (const name of PACKAGES) {
    await rm(path.join(plugin, name));
    await mkdir(path.join(plugin, name));
    await writeFile(path.join(plugin, name, "mine.txt"), "mine");
  }
  return { plugin, victim, update: () => runCaptured(["new", "--update", "--dir", "plugin"], { cwd }) };
};

const textsOf = async (folder: string): Promise<Record<string, string>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((one) => path.join(one.parentPath, one.name));
  const texts = files.sort().map(async (file) => {
    const isLink = (await lstat(file)).isSymbolicLink();
    return [
      path.relative(folder, file),
      isLink ? await readlink(file) : await readFile(file, "utf8"),
    ] as const;
  });
  return Object.fromEntries(await Promise.all(texts));
};

/** What an earlier version wrote, so that an update replaces it. */
const PIPELINE = FIRST_PIPELINES[".github/workflows/check.yml"];

test.each([
  "node_modules",
  "node_modules/@hitagi",
  "vendor",
  "vendor/hitagi-sdk",
  "vendor/hitagi-sdk/src",
  ".github",
  ".github/workflows",
  ".forgejo",
  ".forgejo/workflows",
])(
  "an update of a plugin whose folder %s is a link is refused, and changes nothing behind it",
  async (name) => {
    const { plugin, victim, update } = await open();
    for (const place of [".github", ".forgejo"])
      await writeFile(path.join(plugin, place, "workflows/check.yml"), PIPELINE);
    const linked = path.join(plugin, name);
    const moved = path.join(victim, "moved");
    await rename(linked, moved);
    await symlink(path.relative(path.dirname(linked), moved), linked);
    const before = await textsOf(victim);
    const { code, err } = await update();
    expect([code, err]).toEqual([1, expect.stringMatching(/is a link[\s\S]*\nhint: .*remove it/)]);
    expect(err).toContain(path.join(plugin, name));
    expect(await textsOf(victim)).toEqual(before);
  },
);

test.each(["package.json", "tsconfig.json", ".gitlab-ci.yml"])(
  "an update neither reads nor writes through %s as a link",
  async (name) => {
    const { plugin, victim, update } = await open();
    await rename(path.join(plugin, name), path.join(victim, name));
    await symlink(path.join("..", "victim", name), path.join(plugin, name));
    const before = await textsOf(victim);
    const { code, err } = await update();
    expect([code, err]).toEqual([1, expect.stringMatching(/is a link/)]);
    expect(await textsOf(victim)).toEqual(before);
  },
);

test("a file of the SDK that is a link is replaced, and what it leads to stays", async () => {
  const { plugin, victim, update } = await open();
  const file = path.join(plugin, "vendor/hitagi-sdk/package.json");
  const text = await readFile(file, "utf8");
  await writeFile(path.join(victim, "mine.txt"), "mine");
  await rm(file);
  await symlink(path.join(victim, "mine.txt"), file);
  expect((await update()).code).toBe(0);
  expect([await readFile(file, "utf8"), await textsOf(victim)]).toEqual([text, { "mine.txt": "mine" }]);
});

test("an update replaces the links of node_modules, and removes no folder in their place", async () => {
  const { plugin, victim, update } = await open();
  const sdk = path.join(plugin, "node_modules/@hitagi/sdk");
  await rm(sdk, { recursive: true });
  await writeFile(path.join(victim, "mine.txt"), "mine");
  await symlink(victim, sdk);
  expect((await update()).code).toBe(0);
  expect(await readlink(sdk)).toBe("../../vendor/hitagi-sdk");
  expect([await textsOf(victim), await textsOf(path.join(plugin, "node_modules/hitagi"))]).toEqual([
    { "mine.txt": "mine" },
    { "mine.txt": "mine" },
  ]);
});
