import path from "node:path";
import type { Manifest, ParameterValue } from "@hitagi/contract";
import { expect, onTestFinished, test } from "vitest";
import { createPluginSettings } from "../../src/plugins/settings.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { activePlugin } from "./active-plugin.ts";

const parameters: Manifest["parameters"] = {
  suffix: { type: "string", desc: "What to add", default_value: "-1" },
  count: { type: "int" },
  on: { type: "bool", default_value: true },
  token: { type: "secret" },
};
const plugin = activePlugin({ parameters });

const setup = async () => {
  const store = await openSqliteStore(path.join(await tempFolder(), "hitagi.db"));
  onTestFinished(() => store.close());
  await store.plugins.register("sample", "metadata");
  return { store: store.plugins, settings: createPluginSettings(store.plugins) };
};

test("an unset parameter has its default, or the empty value of its type", async () => {
  const { settings } = await setup();
  expect(await settings.values(plugin)).toEqual({ suffix: "-1", count: 0, on: true, token: "" });
});

test("a set value reaches the plugin, and null restores the default", async () => {
  const { settings } = await setup();
  await settings.put(plugin, { suffix: "x", count: 3, on: false, token: "s3cret" });
  expect(await settings.values(plugin)).toEqual({ suffix: "x", count: 3, on: false, token: "s3cret" });
  await settings.put(plugin, { suffix: null, count: 4 });
  expect(await settings.values(plugin)).toEqual({ suffix: "-1", count: 4, on: false, token: "s3cret" });
});

test("a description shows whether a secret is set, never its value", async () => {
  const { settings } = await setup();
  const secret = activePlugin({ parameters: { token: { type: "secret", default_value: "built-in" } } });
  expect(await settings.describe(secret)).toEqual([{ type: "secret", name: "token", set: false }]);
  await settings.put(secret, { token: "s3cret" });
  expect(await settings.describe(secret)).toEqual([{ type: "secret", name: "token", set: true }]);
});

test("a secret belongs to the origin it was entered for, and is available again when that origin returns", async () => {
  const { settings, store } = await setup();
  const registry = "REG_0000000001";
  const managed = activePlugin({ parameters }, { origin: "managed", registry });
  await settings.put(managed, { token: "s3cret", suffix: "plain" });
  expect((await store.get("sample"))?.secrets).toEqual({ token: registry });
  for (const elsewhere of [plugin, { ...managed, registry: "REG_0000000002" }]) {
    expect(await settings.values(elsewhere)).toMatchObject({ token: "", suffix: "plain" });
    expect(await settings.describe(elsewhere)).toContainEqual({ type: "secret", name: "token", set: false });
    // Declaring the parameter with another type gives no access either.
    const asText = {
      ...elsewhere,
      manifest: { ...managed.manifest, parameters: { token: { type: "string" } } },
    } as const;
    expect(await settings.values(asText)).toEqual({ token: "" });
  }
  expect(await settings.values(managed)).toMatchObject({ token: "s3cret", suffix: "plain" });
  await settings.put(plugin, { token: "another" });
  expect(await settings.values(plugin)).toMatchObject({ token: "another" });
  expect(await settings.values(managed)).toMatchObject({ token: "" });
});

test("a secret stays hidden when a later version declares it as text, until it is set again", async () => {
  const { settings } = await setup();
  await settings.put(plugin, { token: "s3cret" });
  const later = activePlugin({ parameters: { token: { type: "string" } } });
  expect(await settings.values(later)).toEqual({ token: "s3cret" });
  expect(await settings.describe(later)).toEqual([{ type: "string", name: "token", set: true }]);
  await settings.put(later, { token: "shown" });
  expect(await settings.describe(later)).toMatchObject([{ value: "shown", set: true }]);
});

test("settings are described with type, default, value, and whether they are set", async () => {
  const { settings } = await setup();
  await settings.put(plugin, { count: 0 });
  expect((await settings.describe(plugin)).slice(0, 2)).toEqual([
    { type: "string", desc: "What to add", default_value: "-1", name: "suffix", value: "-1", set: false },
    { type: "int", name: "count", value: 0, set: true },
  ]);
});

test.each<[Record<string, ParameterValue>, string]>([
  [{ other: 1 }, "SETTING_UNKNOWN"],
  [{ constructor: 1 }, "SETTING_UNKNOWN"],
  [{ count: "3" }, "SETTING_INVALID"],
  [{ on: 1 }, "SETTING_INVALID"],
  [{ suffix: true }, "SETTING_INVALID"],
  [{ token: 12_345 }, "SETTING_INVALID"],
])("%j is refused whole", async (values, code) => {
  const { settings } = await setup();
  const error = await settings.put(plugin, { suffix: "changed", ...values }).catch((e: Error) => e);
  expect(error).toMatchObject({ code });
  expect((error as Error).message).not.toContain("12345");
  expect(await settings.values(plugin)).toMatchObject({ suffix: "-1" });
});

test("a value of a wrong form is refused with how its type is written", async () => {
  const { settings } = await setup();
  await expect(settings.put(plugin, { on: "maybe" })).rejects.toMatchObject({
    message: "The setting on is not a valid bool (yes or no).",
    hint: "List its settings with `hitagi settings sample`.",
  });
  await expect(settings.put(plugin, { count: "many" })).rejects.toMatchObject({
    message: "The setting count is not a valid int (a number).",
  });
});

test("a value that does not fit a new version's parameter is replaced by the default", async () => {
  const { settings } = await setup();
  await settings.put(plugin, { suffix: "x", count: 3 });
  const next = activePlugin({
    parameters: { suffix: { type: "int", default_value: 7 }, count: { type: "int" } },
  });
  expect(await settings.values(next)).toEqual({ suffix: 7, count: 3 });
  expect((await settings.describe(next))[0]).toMatchObject({ value: 7, set: false });
  expect(await settings.values(plugin)).toMatchObject({ suffix: "x" });
});

test("a value that LANraragi stored as text is converted to its parameter's type", async () => {
  const { store, settings } = await setup();
  await store.set(plugin.namespace, { on: "0", count: "-7", suffix: "1" });
  expect(await settings.values(plugin)).toMatchObject({ on: false, count: -7, suffix: "1" });
  const other = await setup();
  await other.store.set(plugin.namespace, { on: "yes", count: "7.5" });
  expect(await other.settings.values(plugin)).toMatchObject({ on: true, count: 0 });
});

test("values are cached until the settings change", async () => {
  const { store } = await setup();
  let reads = 0;
  const settings = createPluginSettings({
    get: (namespace) => {
      reads++;
      return store.get(namespace);
    },
    set: store.set,
  });
  const before = await settings.values(plugin);
  expect(await settings.values(plugin)).toBe(before);
  expect(reads).toBe(1);
  await settings.put(plugin, { count: 9 });
  expect(await settings.values(plugin)).toMatchObject({ count: 9 });
  expect(reads).toBe(2);
});

test("a number has decimals only where its default has them", async () => {
  const { settings, store } = await setup();
  const decimal = activePlugin({ parameters: { ...parameters, rate: { type: "int", default_value: 0.25 } } });
  expect(await settings.values(decimal)).toMatchObject({ rate: 0.25 });
  await settings.put(decimal, { rate: 1.75 });
  expect(await settings.values(decimal)).toMatchObject({ rate: 1.75 });
  await expect(settings.put(decimal, { count: 1.5 })).rejects.toMatchObject({ code: "SETTING_INVALID" });
  await store.set("sample", { rate: "0.5" }, {});
  expect(await createPluginSettings(store).values(decimal)).toMatchObject({ rate: 0.5 });
});
