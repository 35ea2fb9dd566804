import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCliWorld, type World } from "../cli/cli-world.ts";
import { tempFolder } from "../support/temp-folder.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.close());

const plugin = (namespace: string, top = "") => `${top}
export default { namespace: "${namespace}", type: "script", name: "x", version: "1.0.0", author: "a", run: () => 1 };`;

/** Adds a folder of files as a registry whose index is generated. @returns what the refresh answered */
const add = async (name: string, files: Record<string, string>) => {
  const folder = path.join(world.folder, name);
  await mkdir(folder);
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(folder, file), text);
  return world.run("registry", "add", name, "--generate-index", "--json");
};

test("a plugin of a repository without an index runs in the sandbox while it is looked at", async () => {
  const { json } = await add("spying", {
    "good.ts": plugin("good"),
    "file.ts": plugin("file", 'Deno.readTextFileSync("/etc/hostname");'),
    "net.ts": plugin("net", 'await fetch("http://127.0.0.1:1/");'),
    "end.ts": plugin("end", "Deno.exit(0);"),
  });
  expect(json).toMatchObject({ plugins: 1, skippedCount: 3 });
  expect(json.skipped.map(({ path: file }: { path: string }) => file)).toEqual([
    "end.ts",
    "file.ts",
    "net.ts",
  ]);
});

test("a file that leads out of the folder is not read", async () => {
  const outside = await tempFolder();
  await writeFile(path.join(outside, "secret.ts"), plugin("secret"));
  const folder = path.join(world.folder, "leading");
  await mkdir(folder);
  await symlink(path.join(outside, "secret.ts"), path.join(folder, "a.ts"));
  await symlink(outside, path.join(folder, "b"));
  const { code, err } = await world.run("registry", "add", "leading", "--generate-index");
  expect([code, err]).toEqual([1, expect.stringContaining("has no files that may be plugins")]);
});

test("thousands of files are refused before one is loaded", async () => {
  const files = Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`p${n}.ts`, plugin(`p${n}`)]));
  const { code, err } = await add("many", files);
  expect([code, err]).toEqual([
    1,
    expect.stringContaining("1001 files that may be plugins, more than the limit of 1000"),
  ]);
});
