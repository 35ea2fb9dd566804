import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { pluginText } from "../http/plugin-sources.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { openCliWorld, type World } from "./cli-world.ts";

const source = (version: string): string =>
  pluginText(
    "echo",
    version,
    "script",
    "async run(ctx) { return { word: ctx.settings.word, key: ctx.settings.key }; },",
    'parameters: { word: { type: "string" }, key: { type: "secret" } },',
  );
const published = (...versions: string[]) => [
  {
    namespace: "echo",
    type: "script" as const,
    versions: versions.map((version) => ({ version, source: source(version) })),
  },
];

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
  await writeRegistry(path.join(world.folder, "comics"), published("1.0.0", "1.1.0"));
  await world.run("registry", "add", "./comics");
  await writeFile(path.join(world.folder, "echo.ts"), source("0.9.0"));
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.run("uninstall", "echo", "--drop-settings", "--yes");
});

const done: World["done"] = (...argv) => world.done(...argv);
const used = async () => (await done("run", "echo", "--json")).json;
const installed = async () => {
  const { version, origin } = (await done("info", "echo", "--json")).json.installed;
  return [version, origin];
};

describe("hitagi move", () => {
  it("takes a sideloaded plugin over to its registry and back, and keeps the settings", async () => {
    await done("sideload", "echo.ts");
    await done("settings", "echo", "word=mine", "key=hunter2");
    const refused = await world.run("install", "echo", "--force");
    expect(refused.err).toBe(
      "error: echo already exists as a sideloaded plugin. Remove it first before installing from a registry.\n" +
        "hint: `hitagi move echo` replaces it by the registry's plugin, and keeps its settings. Force does not override this.\n",
    );
    const asked = await world.inTerminal("n\n", "move", "echo");
    expect(asked.err).toContain(
      "echo 0.9.0 (sideloaded) will be replaced by 1.1.0 from comics. Its settings stay. Move it? [y/N]",
    );
    expect(await installed()).toEqual(["0.9.0", "sideloaded"]);
    const moved = await done("move", "echo", "--yes");
    expect(moved.err).toContain("Secrets of a plugin from another source are withheld: key.");
    expect(await installed()).toEqual(["1.1.0", "managed"]);
    expect(await used()).toEqual({ word: "mine", key: "" });

    expect((await world.inTerminal("y\n", "move", "echo")).err).toContain(
      "echo 1.1.0 from comics will be replaced by your sideloaded 0.9.0.",
    );
    expect(await installed()).toEqual(["0.9.0", "sideloaded"]);
    expect(await used()).toEqual({ word: "mine", key: "hunter2" });
    expect((await done("rollback", "echo", "--list")).out).toMatch(
      /^1\.1\.0 +comics .*, replaced from elsewhere$/m,
    );
  });

  it("is named where a sideloaded plugin is to be upgraded, if a registry offers it", async () => {
    await done("sideload", "echo.ts");
    const { code, out, err } = await world.run("upgrade", "echo");
    expect([code, err]).toEqual([
      1,
      "error: echo is a sideloaded plugin, which has no updates.\n" +
        "hint: `hitagi move echo` replaces it by the registry's plugin, and keeps its settings.\n",
    ]);
    expect(out).toMatch(/^echo +0\.9\.0 +0\.9\.0 +failed$/m);
    await writeFile(
      path.join(world.folder, "mine.ts"),
      pluginText("mine", "1.0.0", "script", "run: () => 1,"),
    );
    await done("sideload", "mine.ts");
    expect((await world.run("upgrade", "mine")).err).toContain("hint: `hitagi sideload <file>`");
    await done("uninstall", "mine");
  });

  it("makes the same code a sideloaded plugin if none was sideloaded, or takes a file", async () => {
    await done("install", "echo", "--version", "1.0.0");
    await writeFile(path.join(world.folder, "next.ts"), source("2.0.0"));
    const refused = await world.run("sideload", "next.ts");
    expect(refused.err).toContain("`hitagi move echo --file next.ts`");
    await done("move", "echo", "--file", "next.ts", "--yes");
    expect(await installed()).toEqual(["2.0.0", "sideloaded"]);
    await done("move", "echo", "--version", "1.0.0", "--yes");
    expect(await installed()).toEqual(["1.0.0", "managed"]);
  });

  it("has no second question, and refuses a builtin and what is not installed", async () => {
    expect((await world.run("move", "copytags", "--registry", "comics", "--yes")).code).toBe(1);
    expect((await world.run("move", "echo", "--yes")).err).toContain("Plugin echo is not installed.");
    const { code } = await world.run("move", "copytags", "--registry", "comics", "--file", "echo.ts");
    expect(code).toBe(2);
  });
});

describe("hitagi reinstall and uninstall", () => {
  it("a reinstall keeps settings and grants, also of a sideloaded plugin", async () => {
    for (const install of [
      ["install", "echo", "--version", "1.0.0"],
      ["sideload", "echo.ts"],
    ]) {
      await world.run("uninstall", "echo");
      await done(...install);
      await done("settings", "echo", "word=mine");
      const before = await installed();
      expect((await done("reinstall", "echo")).out).toBe(
        `Reinstalled echo ${before[0]}. Its settings are as before.\n`,
      );
      expect(await installed()).toEqual(before);
      expect(await used()).toMatchObject({ word: "mine" });
    }
    expect((await world.run("reinstall", "nobody")).err).toContain("Plugin nobody is not installed.");
    expect((await world.run("reinstall", "copytags")).err).toContain("builtin");
  });

  it("a removal keeps the settings, or drops them with --drop-settings", async () => {
    await done("install", "echo", "--version", "1.0.0");
    await done("settings", "echo", "word=mine", "key=hunter2");
    expect((await done("uninstall", "echo")).out).toContain("its settings are kept");
    await done("install", "echo", "--version", "1.0.0");
    expect(await used()).toEqual({ word: "mine", key: "hunter2" });
    expect((await done("uninstall", "echo", "--drop-settings", "--yes")).out).toContain(
      "its settings, secrets and cache are deleted",
    );
    await done("install", "echo", "--version", "1.0.0");
    expect(await used()).toEqual({ word: "", key: "" });
  });
});

describe("what an install will do", () => {
  it("is shown the right way round, and only if it is allowed", async () => {
    expect((await done("install", "echo", "--version", "1.0.0")).err).toContain(
      "Will install echo 1.0.0 from comics.",
    );
    expect((await done("install", "echo")).err).toContain("Will upgrade echo 1.0.0 to 1.1.0 from comics.");
    expect((await done("install", "echo")).err).toContain("Will reinstall echo 1.1.0 from comics.");
    expect((await done("install", "echo", "--version", "1.0.0")).err).toContain(
      "Will downgrade echo 1.1.0 to 1.0.0 from comics.",
    );
    await done("hold", "echo");
    const refused = await world.run("install", "echo", "--version", "1.1.0");
    expect([refused.code, refused.err.includes("Will")]).toEqual([1, false]);
  });
});
