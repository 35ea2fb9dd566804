import {
  InstalledPlugin,
  ListedPlugin,
  type Permissions,
  type RequestedPermissions,
  toNamespace,
} from "@hitagi/contract";
import { Check } from "typebox/value";
import { expect, test } from "vitest";
import { openPlugins } from "./open-plugins.ts";
import { echo, pluginSource } from "./plugin-source.ts";

const metadata = (namespace: string, more = {}) =>
  pluginSource({ namespace: toNamespace(namespace), type: "metadata", ...more }, "return {};");

test("the list is LANraragi's, with flags for metadata plugins only", async () => {
  const { plugins, sideload } = await openPlugins();
  const parameters = {
    n: { type: "int", desc: "How many", default_value: 2 },
    key: { type: "secret", default_value: "inside" },
  } as const;
  await sideload(
    metadata("info", { parameters, cooldown: 4, oneshot_arg: "An address", login_from: "site" }),
    echo(),
  );
  const [script, info] = plugins.list("all");
  expect(info).toEqual({
    author: "me",
    description: "",
    icon: "",
    name: "The info",
    namespace: "info",
    oneshot_arg: "An address",
    parameters: [
      { name: "n", desc: "How many", type: "int", default_value: 2 },
      { name: "key", desc: "", type: "string" },
    ],
    type: "metadata",
    version: "1.0.0",
    login_from: "site",
    url_regex: "",
    cooldown: 4,
    registry: null,
    sha256: null,
    enabled: false,
    hidden: false,
    priority: 0,
  });
  expect(Object.keys(script ?? {})).not.toContain("enabled");
  expect(plugins.list("all").every((p) => Check(ListedPlugin, p))).toBe(true);
  expect(plugins.list("metadata").map((p) => p.namespace)).toEqual(["info"]);
  expect(plugins.list("login")).toEqual([]);
});

test("the revision grows when the list changes, and only then", async () => {
  const { plugins, sideload } = await openPlugins();
  await sideload(metadata("info"));
  const before = plugins.revision();
  plugins.list("all");
  expect(plugins.revision()).toBe(before);
  await plugins.configure("info", { priority: 3 });
  expect(plugins.revision()).toBeGreaterThan(before);
  expect(plugins.list("all")[0]).toMatchObject({ priority: 3 });
});

test("a record holds all fields of a plugin except its secrets", async () => {
  const { plugins, sideload, setting } = await openPlugins();
  const parameters = { key: { type: "secret", default_value: "inside" } } as const;
  await sideload(metadata("info", { parameters, permissions: { net: ["example.org"] } }));
  await setting("info", "key", "s3cret");
  const record = await plugins.record(toNamespace("INFO"));
  expect(record).toMatchObject({
    namespace: "info",
    origin: "sideloaded",
    runtime: "deno",
    registry: null,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    path: "Sideloaded/info.ts",
    granted: { net: ["example.org"] },
    health: { state: "ok" },
    versions: [],
  });
  expect(Check(InstalledPlugin, record)).toBe(true);
  expect(await plugins.records()).toEqual([record]);
  const all = JSON.stringify([record, plugins.list("all"), await plugins.settings("info")]);
  expect(all).not.toContain("s3cret");
  expect(all).not.toContain("inside");
  await expect(plugins.record("absent")).rejects.toMatchObject({ code: "PLUGIN_NOT_INSTALLED" });
});

test("flags survive a restart", async () => {
  const first = await openPlugins();
  await first.sideload(metadata("info"));
  await first.plugins.configure("info", { enabled: true, priority: -7 });
  await first.plugins.configure(toNamespace("INFO"), { hidden: true });
  await first.close();
  const { plugins } = await openPlugins({ root: first.root });
  await plugins.scan();
  expect(plugins.list("all")).toMatchObject([{ enabled: true, hidden: true, priority: -7 }]);
});

test("only installed metadata plugins can be configured", async () => {
  const { plugins, sideload } = await openPlugins();
  await sideload(echo());
  await expect(plugins.configure("echo", { enabled: true })).rejects.toMatchObject({
    code: "PLUGIN_NOT_METADATA",
  });
  await expect(plugins.configure("absent", {})).rejects.toMatchObject({ code: "PLUGIN_NOT_FOUND" });
});

test("a grant covers all requested permissions or the named subset, and applies from the next call", async () => {
  const { plugins, sideload } = await openPlugins();
  const permissions: RequestedPermissions = { net: ["a.example.org", "*.example.net"], library: "write" };
  const script = pluginSource(
    { namespace: "reads", type: "script", permissions },
    "return { found: (await ctx.library.search('', 10)).length };",
  );
  await sideload(script);
  expect(await plugins.grant("reads")).toEqual(permissions);
  expect((await plugins.use({ namespace: "reads" })).data).toEqual({ found: 0 });
  const part: Permissions = { net: ["a.example.org", "b.example.net"], library: "read" };
  expect(await plugins.grant("reads", part)).toEqual(part);
  const tooMuch = plugins.grant("reads", { net: ["a.example.org", "evil.example"] });
  await expect(tooMuch).rejects.toMatchObject({
    code: "PERMISSION_NOT_ASKED",
    status: 400,
    params: { permissions: "net:evil.example" },
  });
  expect((await plugins.record("reads")).granted).toEqual(part);
  expect(await plugins.grant("reads", {})).toEqual({});
  expect((await plugins.record("reads")).granted).toEqual({});
  const denied = plugins.use({ namespace: "reads" });
  await expect(denied).rejects.toMatchObject({
    message: expect.stringContaining("library read is not granted"),
  });
  await expect(plugins.grant("absent")).rejects.toMatchObject({ code: "PLUGIN_NOT_INSTALLED" });
});

test("settings are validated and stored, and secrets are never returned", async () => {
  const first = await openPlugins();
  const parameters = { key: { type: "secret" }, n: { type: "int" } } as const;
  await first.sideload(echo("echo", { parameters }));
  expect(await first.plugins.putSettings(toNamespace("ECHO"), { key: "s3cret", n: 5 })).toEqual([
    { name: "key", type: "secret", set: true },
    { name: "n", type: "int", value: 5, set: true },
  ]);
  await expect(first.plugins.putSettings("echo", { n: "5" })).rejects.toMatchObject({
    code: "SETTING_INVALID",
  });
  await expect(first.plugins.settings("absent")).rejects.toMatchObject({ code: "PLUGIN_NOT_FOUND" });
  await first.close();
  const { plugins } = await openPlugins({ root: first.root });
  await plugins.scan();
  expect((await plugins.use({ namespace: "echo" })).data).toMatchObject({
    settings: { key: "s3cret", n: 5 },
  });
});
