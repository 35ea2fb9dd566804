import { mkdir, rename, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { toNamespace } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import { sha256Of } from "../../../src/disk/sha256.ts";
import { type OpenPlugins, openPlugins, warnings } from "../open-plugins.ts";
import { echo } from "../plugin-source.ts";

const SECRET = "unquoted-secret-4711";

/** A managed plugin: its file and its record. */
const install = async ({ store, write }: OpenPlugins, namespace: string) => {
  const source = echo(namespace);
  const file = `Managed/Scripts/${namespace}.ts`;
  const fields = { name: "R", provider: "local", path: "/srv/registry" } as const;
  const { id: registry } = await store.registries.create(fields, 1_700_000_000);
  await write(`plugins/${file}`, source);
  const sha256 = sha256Of(Buffer.from(source));
  const provenance = { path: file, version: "1.0.0", registry, sha256, type: "script" as const };
  await store.plugins.commit({
    namespace: toNamespace(namespace),
    expect: undefined,
    after: { provenance, granted: {} },
    now: 1,
  });
};

describe("the record of a namespace with a rejected file names the reason:", () => {
  test("the namespace has two files", async () => {
    const open = await openPlugins();
    await open.write("builtin/echo.ts", echo());
    await open.write("plugins/Sideloaded/echo-too.ts", echo());
    await open.plugins.scan();
    const rejected = {
      code: "PLUGIN_FILE_REFUSED",
      message: expect.stringContaining("Sideloaded/echo-too.ts"),
    };
    await expect(open.plugins.record(toNamespace("ECHO"))).rejects.toMatchObject(rejected);
  });

  test("the file is broken, until it is deleted", async () => {
    const open = await openPlugins();
    await open.write("plugins/Sideloaded/syntax.ts", "export default {{{");
    await open.plugins.scan();
    await expect(open.plugins.record("syntax")).rejects.toMatchObject({
      code: "PLUGIN_FILE_REFUSED",
      params: { file: "Sideloaded/syntax.ts", reason: expect.stringContaining("failed to load") },
    });
    await rm(path.join(open.pluginsFolder, "Sideloaded/syntax.ts"));
    await expect(open.plugins.record("syntax")).rejects.toMatchObject({ code: "PLUGIN_NOT_INSTALLED" });
  });

  test("no record of an install names the file", async () => {
    const open = await openPlugins();
    await open.write("plugins/Managed/Metadata/stray.ts", echo("stray"));
    await open.plugins.scan();
    await expect(open.plugins.record("stray")).rejects.toMatchObject({
      params: { file: "Managed/Metadata/stray.ts" },
    });
  });
});

describe("a link", () => {
  test("is not followed, and its target is not logged", async () => {
    const open = await openPlugins();
    await open.write("outside/secret.txt", `${SECRET} is not for a log`);
    await open.write("outside/sound.ts", echo("sound"));
    for (const folder of ["builtin", "plugins/Sideloaded", "plugins/Managed/Scripts"]) {
      await mkdir(path.join(open.root, folder), { recursive: true });
      await symlink(path.join(open.root, "outside/secret.txt"), path.join(open.root, folder, "a.ts"));
      await symlink(path.join(open.root, "outside/sound.ts"), path.join(open.root, folder, "b.ts"));
    }
    await open.plugins.scan();
    expect(open.active.list()).toEqual([]);
    expect(JSON.stringify(open.lines)).not.toContain(SECRET);
    expect(open.lines.filter((line) => line.reason?.includes("link")).map((line) => line.file)).toContain(
      "Sideloaded/a.ts",
    );
  });

  test("in place of an installed plugin's file makes the plugin broken and keeps its record", async () => {
    const open = await openPlugins();
    await install(open, "echo");
    const file = path.join(open.pluginsFolder, "Managed/Scripts/echo.ts");
    await rename(file, path.join(open.root, "moved.ts"));
    await symlink(path.join(open.root, "moved.ts"), file);
    await open.plugins.scan();
    expect((await open.plugins.record("echo")).health).toMatchObject({
      state: "broken",
      reason: expect.stringContaining("link"),
    });
  });
});

test("the content of a broken file is not logged", async () => {
  const open = await openPlugins();
  await open.write("plugins/Sideloaded/notes.ts", `first line\nkey ${SECRET} = here`);
  await open.write("plugins/Sideloaded/token.ts", `let x = "${SECRET}" "${SECRET}";`);
  await open.plugins.scan();
  expect(open.lines.filter((line) => line.level === 40)).toHaveLength(2);
  expect(JSON.stringify(open.lines)).not.toContain(SECRET);
});

describe("a plugins folder whose files are gone at a start", () => {
  test("keeps every record: all plugins are missing until the files are back", async () => {
    const open = await openPlugins();
    for (const name of ["one", "two"]) await install(open, name);
    await rename(open.pluginsFolder, `${open.pluginsFolder}.away`);
    await mkdir(path.join(open.pluginsFolder, ".staging"), { recursive: true });
    await open.plugins.scan();
    expect((await open.plugins.records()).map((p) => [p.namespace, p.health.state])).toEqual([
      ["one", "missing"],
      ["two", "missing"],
    ]);
    await expect(open.plugins.use({ namespace: "one" })).rejects.toMatchObject({ code: "PLUGIN_BROKEN" });
    expect(warnings(open.lines)).toEqual([
      expect.stringMatching(/^one: an installed plugin is missing.*mount it and run `hitagi verify`/),
      expect.stringMatching(/^two: an installed plugin is missing/),
    ]);

    await rm(open.pluginsFolder, { recursive: true });
    await rename(`${open.pluginsFolder}.away`, open.pluginsFolder);
    await open.plugins.scan();
    expect((await open.plugins.records()).map((p) => p.health.state)).toEqual(["ok", "ok"]);
  });

  test("keeps the record of one plugin whose file alone is gone", async () => {
    const open = await openPlugins();
    for (const name of ["one", "two"]) await install(open, name);
    await rm(path.join(open.pluginsFolder, "Managed/Scripts/one.ts"));
    await open.plugins.scan();
    expect((await open.plugins.records()).map((p) => [p.namespace, p.health.state])).toEqual([
      ["one", "missing"],
      ["two", "ok"],
    ]);
  });
});
