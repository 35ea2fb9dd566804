import { createHash } from "node:crypto";
import { appendFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixturePlugins } from "../http/plugin-sources.ts";
import { pluginSource } from "../install/plugin-source.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { openCliWorld, runCaptured, type World } from "./cli-world.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.close());

/** Writes a registry of which some plugins are spoiled: their type does not exist. */
const writeSpoiled = async (folder: string, ...bad: string[]): Promise<void> => {
  await writeRegistry(folder, fixturePlugins);
  const file = path.join(folder, "registry.json");
  const index = JSON.parse(await readFile(file, "utf8"));
  for (const namespace of bad) index.plugins[namespace].type = "theme";
  await writeFile(file, JSON.stringify(index));
};
const namespaces = fixturePlugins.map((p) => p.namespace);
const [first = "", second = ""] = namespaces;

describe("a registry with a bad plugin", () => {
  it("is refused with a hint to --lenient, which then skips and reports the plugin", async () => {
    await writeSpoiled(path.join(world.folder, "spoiled"), first);
    const refused = await world.run("registry", "add", "spoiled");
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(`/plugins/${first}/type`);
    expect(refused.err).toContain("hitagi registry update <id> --lenient");
    expect(refused.err).toMatch(/^Added registry REG_\d+ \(spoiled\)/);
    expect(refused.err).toContain("spoiled was added, but its index cannot be used: ");
    await world.run("registry", "remove", "spoiled");
    const told = await world.run("registry", "add", "spoiled", "--json");
    expect(told.code).toBe(1);
    expect(told.json).toMatchObject({ name: "spoiled", failure: { code: "INDEX_INVALID" } });
    const updated = await world.run("registry", "update", "spoiled", "--lenient", "--json");
    expect([updated.code, updated.json.lenient]).toEqual([0, true]);
    const { code, out } = await world.run("registry", "refresh", "spoiled");
    expect(code).toBe(0);
    expect(out).toMatch(/Skipped in spoiled: 1\nPATH +REASON\n/);
    expect(out).toContain(`/plugins/${first}/type`);
    const { json } = await world.run("registry", "refresh", "spoiled", "--json");
    expect(json).toEqual([
      expect.objectContaining({ plugins: namespaces.length - 1, changed: false, skippedCount: 1 }),
    ]);
    const strict = await world.run("registry", "update", "spoiled", "--strict", "--json");
    expect(strict.json).not.toHaveProperty("lenient");
    await world.run("registry", "remove", "spoiled");
  });

  it("is added at once with --lenient", async () => {
    await writeSpoiled(path.join(world.folder, "lenient"), first);
    const { code, out } = await world.run("registry", "add", "lenient", "--lenient");
    expect(code).toBe(0);
    expect(out).toContain("Skipped in lenient: 1");
    await world.run("registry", "remove", "lenient");
  });
});

describe("hitagi registry update", () => {
  it("changes the name and the folder, which may be relative", async () => {
    await writeSpoiled(path.join(world.folder, "here"));
    await cp(path.join(world.folder, "here"), path.join(world.folder, "there"), { recursive: true });
    await world.run("registry", "add", "here");
    const renamed = await world.run("registry", "update", "here", "--name", "Moved");
    expect(renamed.out).toMatch(/is now named Moved/);
    const { code, json } = await world.run("registry", "update", "moved", "--path", "there", "--json");
    expect(code).toBe(0);
    expect(json).toMatchObject({ name: "Moved", path: path.join(world.folder, "there") });
    expect(json).not.toHaveProperty("refreshed");
    await world.run("registry", "remove", "Moved");
  });

  it("prints no secret of an argument", async () => {
    const typed = await world.run("registry", "refresh", "https://me:hunter22@example.org/a");
    expect(typed.code).toBe(1);
    expect(typed.err).toContain("example.org/a");
    expect(typed.out + typed.err).not.toContain("hunter22");
  });

  it("puts registry.json at the root of its repository again", async () => {
    const address = "ssh://git@example.org/a";
    await world.run("registry", "add", address, "--name", "deep", "--folder", "in/it", "--no-refresh");
    const { code, json } = await world.run("registry", "update", "deep", "--no-folder", "--json");
    expect([code, json.url]).toEqual([0, address]);
    expect(json).not.toHaveProperty("folder");
    await world.run("registry", "remove", "deep");
  });

  it("refuses an update without changes, and --lenient with --strict", async () => {
    for (const flags of [[], ["--lenient", "--strict"]]) {
      const { code, err } = await world.run("registry", "update", "any", ...flags);
      expect(code).toBe(2);
      expect(err).toMatch(/^hint: /m);
    }
  });
});

describe("hitagi registry refresh without names", () => {
  it("refreshes the others if one fails, names it, and exits with 1", async () => {
    for (const name of ["one", "two", "three"]) {
      await writeSpoiled(path.join(world.folder, name));
      await world.run("registry", "add", name);
    }
    await writeSpoiled(path.join(world.folder, "two"), second);
    await writeRegistry(path.join(world.folder, "three"), fixturePlugins.slice(0, 1));
    const { code, out, err } = await world.run("registry", "refresh");
    expect(code).toBe(1);
    expect(err).toMatch(new RegExp(`^two \\(REG_\\d+\\): .*/plugins/${second}/type`, "m"));
    expect(err).toContain('error: 1 of 3 registries could not be refreshed: "two".');
    expect(out).toMatch(/ three +1 +yes/);
    const again = await world.run("registry", "refresh", "--json");
    expect(again.code).toBe(1);
    expect(again.json.map((r: { name: string; code?: string }) => [r.name, r.code])).toEqual([
      ["one", undefined],
      ["two", "INDEX_INVALID"],
      ["three", undefined],
    ]);
    // What was cached of it before is still offered.
    const kept = await world.run("search", "--registry", "two", "--json");
    expect(kept.json.total).toBe(namespaces.length);
  });
});

describe("hitagi registry check", () => {
  it("prints all errors of a folder or a file without a server, and exits with 1", async () => {
    const folder = await tempFolder();
    await writeSpoiled(folder, first, second);
    for (const place of [".", "registry.json"]) {
      const { code, out, err } = await runCaptured(["registry", "check", place], { cwd: folder });
      expect(code).toBe(1);
      expect(out.match(/^\/plugins\/[^/]+\/type/gm)).toEqual(
        [first, second].map((n) => `/plugins/${n}/type`),
      );
      // The third one is of a file: those of the other plugins are checked too.
      expect(out).toMatch(/^\/plugins\/broken\/versions\/1\.0\.0\/artifact +.*not today/m);
      expect(err).toMatch(/^error: .* has 3 errors\.\nhint: /);
    }
    const { json } = await runCaptured(["registry", "check", folder, "--json"]);
    expect(json.faults.map((f: { path: string }) => f.path)).toContain(`/plugins/${first}/type`);
  });

  it("checks every file that can be found in an index with faults", async () => {
    const folder = await tempFolder();
    const names = ["dated", "typed", "hashed", "nameless", "gone"];
    await writeRegistry(
      folder,
      names.map((namespace) => ({
        namespace,
        type: "script" as const,
        versions: ["1.0.0", "1.1.0"].map((version) => ({
          version,
          source: pluginSource({ namespace, type: "script", version }),
        })),
      })),
    );
    const file = path.join(folder, "registry.json");
    const index = JSON.parse(await readFile(file, "utf8"));
    const { dated, typed, hashed, nameless } = index.plugins;
    index.generated_at = "yesterday";
    dated.versions["1.0.0"].published_at = "2020";
    await appendFile(path.join(folder, dated.versions["1.0.0"].artifact), "// more");
    typed.type = "theme";
    await appendFile(path.join(folder, typed.versions["1.1.0"].artifact), "// more");
    hashed.versions["1.0.0"].sha256 = "no hash";
    await rm(path.join(folder, hashed.versions["1.1.0"].artifact));
    delete nameless.versions["1.0.0"].name;
    index.plugins.gone = null;
    await writeFile(file, JSON.stringify(index));
    const { code, json } = await runCaptured(["registry", "check", folder, "--json"]);
    expect(code).toBe(1);
    expect(json.faults.map((fault: { path: string }) => fault.path).sort()).toEqual([
      "/generated_at",
      "/plugins/dated/versions/1.0.0/published_at",
      "/plugins/dated/versions/1.0.0/sha256",
      "/plugins/gone",
      "/plugins/hashed/versions/1.0.0/sha256",
      "/plugins/hashed/versions/1.1.0/artifact",
      "/plugins/nameless/versions/1.0.0/name",
      "/plugins/typed/type",
      "/plugins/typed/versions/1.1.0/sha256",
    ]);
  });

  it("exits with 0 if there is no error, and with 2 if there is no file", async () => {
    const folder = await tempFolder();
    await mkdir(path.join(folder, "empty"));
    await writeRegistry(
      folder,
      fixturePlugins.filter(({ namespace }) => namespace !== "broken"),
    );
    const good = await runCaptured(["registry", "check", "."], { cwd: folder });
    expect([good.code, good.err]).toEqual([0, ""]);
    expect((await runCaptured(["registry", "check", ".", "--json"], { cwd: folder })).json).toEqual({
      faults: [],
    });
    for (const place of ["empty", "nowhere"]) {
      const { code, err } = await runCaptured(["registry", "check", place], { cwd: folder });
      expect(code).toBe(2);
      expect(err).toContain(place);
    }
  });

  it("finds what no install would take in the files, and reads none with --no-files", async () => {
    const folder = await tempFolder();
    const source = (namespace: string, version = "1.0.0") =>
      pluginSource({ namespace, type: "script", version });
    const one = (namespace: string, text = source(namespace)) => ({
      namespace,
      type: "script" as const,
      versions: [{ version: "1.0.0", source: text }],
    });
    const names = ["good", "name", "shared", "gone", "changed", "other", "broken"];
    await writeRegistry(
      folder,
      names.map((name) => one(name)),
    );
    const file = path.join(folder, "registry.json");
    const index = JSON.parse(await readFile(file, "utf8"));
    const versionOf = (name: string) => index.plugins[name].versions["1.0.0"];
    /** Writes a file for a plugin, under a name that the index has with its hash. */
    const put = async (name: string, artifact: string, text: string) => {
      await mkdir(path.dirname(path.join(folder, artifact)), { recursive: true });
      await writeFile(path.join(folder, artifact), text);
      Object.assign(versionOf(name), { artifact, sha256: createHash("sha256").update(text).digest("hex") });
    };
    await put("name", "a.b.ts", source("name"));
    await put("shared", `elsewhere/${path.basename(versionOf("good").artifact)}`, source("shared"));
    await rm(path.join(folder, versionOf("gone").artifact));
    await appendFile(path.join(folder, versionOf("changed").artifact), "// more");
    await put("other", "x/other.ts", source("other", "2.0.0"));
    await put("broken", "x/broken.ts", "throw new Error('no');");
    await writeFile(file, JSON.stringify(index));
    const { code, json } = await runCaptured(["registry", "check", folder, "--json"]);
    expect(code).toBe(1);
    const found = Object.fromEntries(
      json.faults.map((fault: { path: string; reason: string }) => [fault.path.split("/")[2], fault.reason]),
    );
    expect(found).toEqual({
      name: expect.stringContaining("a.b.ts"),
      shared: expect.stringMatching(/^is installed as Managed\/.*, which is the file of good$/),
      gone: expect.stringContaining("has no file"),
      changed: expect.stringContaining("is not that of the file"),
      other: expect.stringContaining("2.0.0"),
      broken: expect.stringContaining("no"),
    });
    const quick = await runCaptured(["registry", "check", folder, "--no-files"]);
    expect([quick.code, quick.out]).toEqual([0, `${folder} is valid.\n`]);
  });
});
