import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Permissions, type RequestedPermissions, toNamespace } from "@hitagi/contract";
import { DatabaseSync } from "@photostructure/sqlite";
import { expect, test } from "vitest";
import type { Runtime } from "../../../src/runtimes/types.ts";
import { type OpenPlugins, openPlugins, warnings } from "../open-plugins.ts";
import { echo, pluginSource } from "../plugin-source.ts";
import { sharedRuntime } from "../shared-runtime.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** A managed plugin: its file, its record and its registry. */
const install = async ({ store, write }: OpenPlugins, source: string, granted: Permissions = {}) => {
  const [namespace, file] = ["echo", "Managed/Scripts/echo.ts"];
  const fields = { name: "R", provider: "local", path: "/srv/registry" } as const;
  const registry = await store.registries.create(fields, 1_700_000_000);
  await write(`plugins/${file}`, source);
  const provenance = {
    path: file,
    version: "1.0.0",
    registry: registry.id,
    sha256: sha256(source),
    type: "script" as const,
  };
  await store.plugins.commit({
    namespace: toNamespace(namespace),
    expect: undefined,
    after: { provenance, granted },
    now: 1,
  });
  return registry.id;
};

test("builtin, managed and sideloaded plugins become active", async () => {
  const open = await openPlugins();
  const registry = await install(open, echo(), { library: "read" });
  await open.write("builtin/tags.ts", pluginSource({ namespace: "tags", type: "metadata" }, "return {};"));
  await open.write("plugins/Sideloaded/mine.mjs", echo("mine"));
  await open.plugins.scan();
  expect(open.active.list().map((p) => [p.namespace, p.origin, p.path, p.registry])).toEqual([
    ["echo", "managed", "Managed/Scripts/echo.ts", registry],
    ["mine", "sideloaded", "Sideloaded/mine.mjs", null],
    ["tags", "builtin", null, null],
  ]);
  expect(warnings(open.lines)).toEqual([]);
  expect((await open.plugins.use({ namespace: "mine", arg: "x" })).data).toMatchObject({ arg: "x" });
  expect((await open.store.plugins.get("tags"))?.type).toBe("metadata");
});

test("a vetted file is not loaded again at the next start, and no process is kept for it", async () => {
  const first = await openPlugins();
  await first.write("builtin/echo.ts", echo());
  await first.plugins.scan();
  await first.close();
  const runtime = sharedRuntime();
  const watched: Runtime = { ...runtime, vet: () => Promise.reject(new Error("it was loaded again")) };
  const second = await openPlugins({ root: first.root, runtimes: [watched] });
  await second.plugins.scan();
  expect(second.active.list().map((p) => p.namespace)).toEqual(["echo"]);
  await expect.poll(() => runtime.stats().processes - runtime.stats().standby).toBe(0);
});

test("a plugin never has more permissions than it requests; a sideloaded one has none until granted", async () => {
  const open = await openPlugins();
  const permissions: RequestedPermissions = { net: ["example.org"], library: "read" };
  await install(open, echo("echo", { permissions }), { net: ["example.org"], library: "write" });
  await open.write("plugins/Sideloaded/mine.ts", echo("mine", { permissions }));
  await open.write("builtin/own.ts", echo("own", { permissions }));
  await open.plugins.scan();
  expect(open.active.list().map((p) => [p.namespace, p.granted])).toEqual([
    ["echo", permissions],
    ["mine", {}],
    ["own", permissions],
  ]);
});

test("a namespace with two files does not run, and the other plugins do", async () => {
  const open = await openPlugins();
  await open.write("builtin/echo.ts", echo());
  await open.write("plugins/Sideloaded/echo-too.ts", echo());
  await open.write("plugins/Sideloaded/other.ts", echo("other"));
  await open.plugins.scan();
  expect(open.active.list().map((p) => p.namespace)).toEqual(["other"]);
  expect(warnings(open.lines)).toEqual([expect.stringMatching(/^echo: several plugins have one namespace/)]);
});

test("a managed plugin whose file was deleted stays installed, is listed as missing, and runs once its file is back", async () => {
  const open = await openPlugins();
  await install(open, echo());
  await open.plugins.scan();
  await open.store.plugins.set("echo", { kept: "yes" });
  await rm(path.join(open.pluginsFolder, "Managed/Scripts/echo.ts"));
  await open.plugins.scan();
  expect((await open.plugins.record(toNamespace("echo"))).health).toEqual({
    state: "missing",
    reason: "its file is gone",
  });
  const record = await open.store.plugins.get("echo");
  expect(record).toMatchObject({ provenance: { version: "1.0.0" }, settings: { kept: "yes" } });
  expect(warnings(open.lines)).toEqual([expect.stringMatching(/^echo: an installed plugin is missing/)]);
  await open.write("plugins/Managed/Scripts/echo.ts", echo());
  await open.plugins.scan();
  expect(open.active.get(toNamespace("echo"))?.health.state).toBe("ok");
});

test("a managed file whose bytes differ from the record does not run; its record remains", async () => {
  const open = await openPlugins();
  await install(open, echo());
  await open.plugins.scan();
  await open.write("plugins/Managed/Scripts/echo.ts", `${echo()} throw new Error("must not be loaded");`);
  await open.plugins.scan();
  const record = await open.plugins.record("echo");
  expect(record).toMatchObject({
    version: "1.0.0",
    health: { state: "broken", reason: "its file is not the one that was installed" },
  });
  await expect(open.plugins.use({ namespace: "echo" })).rejects.toMatchObject({ code: "PLUGIN_BROKEN" });
  expect((await open.store.plugins.get("echo"))?.provenance?.sha256).toBe(sha256(echo()));
  expect(warnings(open.lines)).toEqual([expect.stringMatching(/^echo: an installed plugin is not run/)]);
});

test("an unreadable file does not change its record", async () => {
  const open = await openPlugins();
  await install(open, echo());
  const file = path.join(open.pluginsFolder, "Managed/Scripts/echo.ts");
  await rm(file);
  await writeFile(file, Buffer.alloc(1024 * 1024 + 1));
  await open.plugins.scan();
  expect((await open.store.plugins.get("echo"))?.provenance?.sha256).toBe(sha256(echo()));
  expect((await open.plugins.record("echo")).health).toMatchObject({
    state: "broken",
    reason: expect.stringContaining("larger than 1048576 bytes"),
  });
  expect(open.active.get("echo")?.manifest).toMatchObject({ name: "echo", version: "1.0.0" });
});

test("a file in Managed without a record does not run", async () => {
  const open = await openPlugins();
  await open.write("plugins/Managed/Metadata/stray.ts", echo("stray"));
  await open.plugins.scan();
  expect(open.active.list()).toEqual([]);
  expect(warnings(open.lines)).toEqual([
    expect.stringMatching(/^Managed\/Metadata\/stray\.ts: a file in Managed that no install put there/),
  ]);
});

test("an invalid plugin file is logged with its reason and does not stop the others", async () => {
  const open = await openPlugins();
  await open.write("plugins/Sideloaded/syntax.ts", "export default {{{");
  await open.write("plugins/Sideloaded/no-manifest.ts", "export default { namespace: 'x' };");
  await open.write("plugins/Sideloaded/odd.ts", echo("odd", { parameters: { "bad name": { type: "int" } } }));
  await open.write("plugins/Sideloaded/sound.ts", echo("sound"));
  await open.plugins.scan();
  expect(open.active.list().map((p) => p.namespace)).toEqual(["sound"]);
  const logged = open.lines
    .filter((line) => line.level === 40)
    .map((line) => [line.file, Boolean(line.reason)]);
  expect(logged.sort()).toEqual([
    ["Sideloaded/no-manifest.ts", true],
    ["Sideloaded/odd.ts", true],
    ["Sideloaded/syntax.ts", true],
  ]);
});

test("hidden files, temporary files, folders and files of other types are ignored", async () => {
  const open = await openPlugins();
  for (const name of [".hidden.ts", "half.ts.staged", "types.d.ts", "notes.md", "a b.ts", "old.ts~"]) {
    await open.write(`plugins/Sideloaded/${name}`, "throw new Error('not a plugin')");
  }
  await mkdir(path.join(open.pluginsFolder, "Sideloaded/folder.ts"));
  await open.plugins.scan();
  expect(open.active.list()).toEqual([]);
  expect(warnings(open.lines)).toEqual([]);
});

test("a record without a type gets it from the file, and its plugin runs", async () => {
  const first = await openPlugins();
  await install(first, echo());
  await first.close();
  const db = new DatabaseSync(path.join(first.root, "hitagi.db"));
  db.exec("UPDATE plugins SET type = NULL");
  db.close();
  const second = await openPlugins({ root: first.root });
  expect((await second.store.plugins.get("echo"))?.type).toBeUndefined();
  await second.plugins.scan();
  expect((await second.store.plugins.get("echo"))?.type).toBe("script");
  expect(second.active.get("echo")).toMatchObject({ origin: "managed", health: { state: "ok" } });
});

test("without a sandbox, known plugins are listed as broken with the reason", async () => {
  const first = await openPlugins();
  await install(first, echo());
  await first.plugins.scan();
  await first.close();
  const none: Runtime = { ...sharedRuntime(), unavailable: async () => "Deno is not installed" };
  const second = await openPlugins({ root: first.root, runtimes: [none] });
  await second.plugins.scan();
  expect((await second.plugins.record("echo")).health).toEqual({
    state: "broken",
    reason: "Deno is not installed",
  });
});
