import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { openWorld, snapshot, type World } from "./install-world.ts";
import { offered, pluginSource } from "./plugin-source.ts";

const drop = async (world: World, file: string, source: string) => {
  await mkdir(path.dirname(path.join(world.plugins, file)), { recursive: true });
  await writeFile(path.join(world.plugins, file), source);
};

const taken = { code: "NAMESPACE_TAKEN", message: expect.stringContaining("Sideloaded/by-hand.ts") };

test("a file that is put into Sideloaded while the server runs blocks installs of its namespace", async () => {
  const world = await openWorld([offered("echo", ["1.0.0"])]);
  await drop(world, "Sideloaded/by-hand.ts", pluginSource());
  const before = await snapshot(world);
  expect((await world.plan("echo")).conflicts).toMatchObject([taken]);
  await expect(world.install("echo")).rejects.toMatchObject(taken);
  const upload = world.installer.sideload("mine.ts", Buffer.from(pluginSource()), true);
  await expect(upload).rejects.toMatchObject(taken);
  expect((await snapshot(world)).files).toEqual(before.files);
  expect(world.active.list()).toEqual([]);

  await rm(path.join(world.plugins, "Sideloaded/by-hand.ts"));
  expect(await world.install("echo")).toMatchObject({ version: "1.0.0" });
});

test("it also blocks a rollback", async () => {
  const world = await openWorld([offered("echo", ["1.0.0"])]);
  await world.install("echo");
  await world.installer.uninstall("echo");
  await drop(world, "Sideloaded/by-hand.ts", pluginSource());
  await expect(world.installer.rollback("echo")).rejects.toMatchObject(taken);
});

test("a broken file blocks only the namespace of its name", async () => {
  const world = await openWorld([offered("echo", ["1.0.0"]), offered("other", ["1.0.0"])]);
  await drop(world, "Sideloaded/echo.ts", "export default {");
  await expect(world.install("echo")).rejects.toMatchObject({
    code: "NAMESPACE_TAKEN",
    message: expect.stringContaining("Sideloaded/echo.ts"),
  });
  expect(await world.install("other")).toMatchObject({ version: "1.0.0" });
});

test("the plugin's own file does not block it", async () => {
  const world = await openWorld([]);
  await world.installer.sideload("mine.ts", Buffer.from(pluginSource()), true);
  const next = Buffer.from(pluginSource({ version: "2.0.0" }));
  expect(await world.installer.sideload("next.ts", next, true)).toMatchObject({ version: "2.0.0" });
  expect(Object.keys((await snapshot(world)).files)).toEqual(["Sideloaded/next.ts"]);
});

test("an upgrade of a plugin from a deleted registry fails with PLUGIN_REGISTRY_GONE", async () => {
  const world = await openWorld([offered("echo", ["1.0.0"])]);
  await world.install("echo");
  const [current] = await world.installer.upgrade(["echo"], false);
  expect(current?.error?.code).toBe("NO_UPDATE");
  await world.store.registries.delete(world.registry);
  const [orphan] = await world.installer.upgrade(["echo"], false);
  expect(orphan?.error).toMatchObject({
    code: "PLUGIN_REGISTRY_GONE",
    message: expect.stringContaining(world.registry),
  });
});
