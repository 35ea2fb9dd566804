import { mkdir, rm, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import type { RegistryIndex } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import type { Refreshed } from "../../src/catalog/types.ts";
import { gitHost } from "../sources/git-world.ts";
import { makeAuthority } from "../support/authority.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { openWorld, type World } from "./world.ts";

const authority = await makeAuthority();
const all = { page: 1, size: 50 };

/** A plugin file, as the load check of the world reads it. */
const plugin = (namespace: string, version = "1.0.0", more: object = {}) =>
  `export default ${JSON.stringify({ namespace, version, type: "metadata", name: namespace, author: "a", ...more })}`;

const put = async (folder: string, file: string, text: string) => {
  await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
  await writeFile(path.join(folder, file), text);
};

const pluginsOf = ({ index }: Refreshed): RegistryIndex["plugins"] => JSON.parse(index.toString()).plugins;
/** The version and file of each plugin of an index. */
const offered = (refreshed: Refreshed) =>
  Object.fromEntries(
    Object.entries(pluginsOf(refreshed)).map(([namespace, { versions }]) => [
      namespace,
      Object.values(versions).map(({ version, artifact }) => `${version} ${artifact}`),
    ]),
  );

const fromFolder = async (world: World) => {
  const folder = await tempFolder();
  const fields = { name: "plain", provider: "local" as const, path: folder, generateIndex: true };
  const { id } = await world.registries.create(fields);
  return { id, folder };
};

const fromGit = async () => {
  const folder = await tempFolder();
  const world = await openWorld({ network: { ca: authority.ca } });
  const { url, repository } = await gitHost({ authority, folder });
  const fields = { name: "plain", provider: "git" as const, url, generateIndex: true };
  const { id } = await world.registries.create(fields);
  const head = () => repository.git("rev-parse", "refs/heads/main");
  return { ...world, folder, id, repository, head };
};

describe("the index of a folder without registry.json", () => {
  test("has its plugin files, and says of the others why they are not in it", async () => {
    const world = await openWorld();
    const { id, folder } = await fromFolder(world);
    await put(folder, "Metadata/One.ts", plugin("one", "1.2.0", { description: "Does one" }));
    await put(folder, "Metadata/Two.js", plugin("two"));
    await put(folder, "Broken.mjs", "export default of a namespace is missing");
    await put(folder, "Bad.ts", plugin("Bad Name"));
    await put(folder, "Library.ts", "export const x = 1;");
    for (const skipped of [
      "node_modules/x/A.ts",
      "tests/B.ts",
      ".hidden/C.ts",
      "D.test.ts",
      "E.d.ts",
      "F.txt",
    ])
      await put(folder, skipped, plugin("skipped"));
    const refreshed = await world.catalog.refresh(id);
    expect(offered(refreshed)).toEqual({ one: ["1.2.0 Metadata/One.ts"], two: ["1.0.0 Metadata/Two.js"] });
    expect(refreshed.skipped).toEqual([
      { path: "Bad.ts", reason: expect.stringContaining("/namespace") },
      { path: "Broken.mjs", reason: expect.stringContaining("namespace is missing") },
    ]);
    expect(await world.registries.get(id)).toMatchObject({
      plugins: 2,
      skippedCount: 2,
      generateIndex: true,
    });
    const { items } = await world.catalog.search(all);
    expect(items[0]).toMatchObject({ namespace: "one", description: "Does one", author: "a" });
    expect(items[1]?.description).toBe("two");
    const resolved = await world.catalog.resolve(id, "one");
    expect((await world.catalog.artifact(resolved)).toString()).toContain("Does one");
  });

  test("has the time of the newest file, also where that goes back", async () => {
    const world = await openWorld();
    const { id, folder } = await fromFolder(world);
    const at = async (file: string, seconds: number) => utimes(path.join(folder, file), seconds, seconds);
    await put(folder, "a.ts", plugin("a"));
    await put(folder, "b.ts", plugin("b"));
    await at("a.ts", 1_600_000_000);
    await at("b.ts", 1_600_000_100);
    const generatedAt = (refreshed: Refreshed) => JSON.parse(refreshed.index.toString()).generated_at;
    expect(generatedAt(await world.catalog.refresh(id))).toBe("2020-09-13T12:28:20Z");
    await rm(path.join(folder, "b.ts"));
    const left = await world.catalog.refresh(id);
    expect([generatedAt(left), Object.keys(offered(left))]).toEqual(["2020-09-13T12:26:40Z", ["a"]]);
  });

  test("lists both files of one namespace as a fault", async () => {
    const world = await openWorld();
    const { id, folder } = await fromFolder(world);
    await put(folder, "a.ts", plugin("same"));
    await put(folder, "deep/b.ts", plugin("same", "2.0.0"));
    await put(folder, "c.ts", plugin("other"));
    const refreshed = await world.catalog.refresh(id);
    expect(Object.keys(offered(refreshed))).toEqual(["other"]);
    expect(refreshed.skipped).toEqual([
      { path: "a.ts", reason: "its namespace same is also that of deep/b.ts" },
      { path: "deep/b.ts", reason: "its namespace same is also that of a.ts" },
    ]);
  });

  test("is unchanged until a file changes, and only new bytes are loaded", async () => {
    const world = await openWorld();
    const { id, folder } = await fromFolder(world);
    await put(folder, "a.ts", plugin("a"));
    await put(folder, "b.ts", "a namespace without a default that is a plugin");
    const first = await world.catalog.refresh(id);
    expect(world.vetted.splice(0).sort()).toEqual(["a.ts", "b.ts"]);
    expect(await world.catalog.refresh(id)).toEqual({ ...first, changed: false });
    expect(world.vetted).toEqual([]);
    await put(folder, "moved/a.ts", plugin("a"));
    await rm(path.join(folder, "a.ts"));
    await put(folder, "c.ts", plugin("c"));
    const second = await world.catalog.refresh(id);
    expect(offered(second)).toEqual({ a: ["1.0.0 moved/a.ts"], c: ["1.0.0 c.ts"] });
    expect([second.changed, second.skippedCount, world.vetted]).toEqual([true, 1, ["c.ts"]]);
  });

  test("has a file that did not load once what it lacks is there", async () => {
    const world = await openWorld();
    const { id, folder } = await fromFolder(world);
    await put(folder, "a.ts", "a namespace without a default that is a plugin");
    expect((await world.catalog.refresh(id)).skippedCount).toBe(1);
    world.clock.now += 600;
    await world.catalog.refresh(id);
    expect(world.vetted).toEqual(["a.ts", "a.ts"]);
    world.clock.now += 599;
    await world.catalog.refresh(id);
    expect(world.vetted).toHaveLength(2);
  });

  test("of a changed file with the same version has its hash as build metadata, and is an update", async () => {
    const world = await openWorld();
    const { id, folder } = await fromFolder(world);
    await put(folder, "a.ts", plugin("a"));
    await world.catalog.refresh(id);
    world.installed.set("a", { version: "1.0.0", registry: id });
    expect(await world.catalog.updates()).toEqual([]);
    await put(folder, "a.ts", plugin("a", "1.0.0", { description: "changed" }));
    const changed = await world.catalog.refresh(id);
    const [version = ""] = Object.keys(pluginsOf(changed).a?.versions ?? {});
    const { sha256 } = (await world.catalog.resolve(id, "a")).version;
    expect(version).toBe(`1.0.0+${sha256.slice(0, 12)}`);
    expect(await world.catalog.updates()).toMatchObject([{ installed: "1.0.0", update: version }]);
    world.installed.set("a", { version, registry: id });
    expect(await world.catalog.updates()).toEqual([]);
    await put(folder, "a.ts", plugin("a"));
    expect(offered(await world.catalog.refresh(id))).toEqual({ a: ["1.0.0 a.ts"] });
    expect(await world.catalog.updates()).toMatchObject([{ installed: version, update: "1.0.0" }]);
  });

  test("goes with a change between registry.json and the files", async () => {
    const world = await openWorld();
    const { id, folder } = await fromFolder(world);
    await put(folder, "a.ts", plugin("a"));
    await world.catalog.refresh(id);
    await world.registries.update(id, { generateIndex: false });
    expect(await world.registries.get(id)).not.toHaveProperty("plugins");
    await expect(world.catalog.refresh(id)).rejects.toMatchObject({ code: "SOURCE_FILE_MISSING" });
  });

  test("has the files that were left out for lack of time at the next refresh", async () => {
    const world = await openWorld();
    const { id, folder } = await fromFolder(world);
    await put(folder, "a.ts", plugin("a"));
    world.vetFaults.push("it took longer than 20 s");
    const first = await world.catalog.refresh(id);
    expect(first.skipped).toEqual([{ path: "a.ts", reason: expect.stringContaining("longer than 20 s") }]);
    const second = await world.catalog.refresh(id);
    expect([second.changed, offered(second), second.skipped]).toEqual([
      true,
      { a: ["1.0.0 a.ts"] },
      undefined,
    ]);
  });
});

describe("the index of a repository without registry.json", () => {
  test("follows the branch: another version is an update, and the time is the commit's", async () => {
    const { catalog, folder, id, installed, repository, head } = await fromGit();
    await put(folder, "lib/a.ts", plugin("a"));
    const first = await catalog.refresh(id);
    const time = Number(await repository.git("log", "-1", "--format=%ct", await head()));
    const published_at = new Date(time * 1000).toISOString().replace(".000Z", "Z");
    expect(JSON.parse(first.index.toString())).toMatchObject({
      generated_at: published_at,
      plugins: { a: { versions: { "1.0.0": { published_at, artifact: "lib/a.ts" } } } },
    });
    installed.set("a", { version: "1.0.0", registry: id });
    await put(folder, "lib/a.ts", plugin("a", "0.9.0"));
    await catalog.refresh(id);
    expect(await catalog.updates()).toMatchObject([{ installed: "1.0.0", update: "0.9.0" }]);
  });

  test("is unchanged until there is a commit", async () => {
    const { catalog, folder, id, vetted } = await fromGit();
    await put(folder, "a.ts", plugin("a"));
    const first = await catalog.refresh(id);
    expect(await catalog.refresh(id)).toEqual({ ...first, changed: false });
    await put(folder, "README.md", "new");
    expect((await catalog.refresh(id)).changed).toBe(true);
    expect(vetted).toEqual(["a.ts"]);
  });

  test("of a changed file with the same version has the commit as build metadata", async () => {
    const { catalog, folder, id, head } = await fromGit();
    await put(folder, "a.ts", plugin("a", "1.0.0+own"));
    await put(folder, "b.ts", plugin("b"));
    await catalog.refresh(id);
    await put(folder, "a.ts", plugin("a", "1.0.0+own", { description: "changed" }));
    await put(folder, "b.ts", plugin("b", "1.0.0", { description: "changed" }));
    await catalog.refresh(id);
    const commit = (await head()).slice(0, 12);
    const versions = { a: [`1.0.0+own.${commit} a.ts`], b: [`1.0.0+${commit} b.ts`] };
    await put(folder, "README.md", "another commit");
    expect(offered(await catalog.refresh(id))).toEqual(versions);
  });

  test("offers the files of its commit, also when the branch has gone on", async () => {
    const { catalog, folder, id, repository } = await fromGit();
    await put(folder, "a.ts", plugin("a"));
    await catalog.refresh(id);
    const resolved = await catalog.resolve(id, "a");
    await put(folder, "a.ts", plugin("a", "2.0.0"));
    await repository.publish(folder);
    expect((await catalog.artifact(resolved)).toString()).toBe(plugin("a"));
  });
});

test("an index can be generated only where the files can be listed", async () => {
  const { registries } = await openWorld();
  const github = { name: "g", provider: "github" as const, url: "https://github.com/a/b", ref: "HEAD" };
  for (const fields of [github, { name: "c", provider: "cdn" as const, url: "https://example.org" }])
    await expect(registries.create({ ...fields, generateIndex: true })).rejects.toMatchObject({
      code: "REGISTRY_FIELDS_INVALID",
    });
});
