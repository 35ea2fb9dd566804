import { describe, expect, test } from "vitest";
import { writeRegistry } from "../support/registry-fixture.ts";
import { openWorld } from "./world.ts";

const cdn = { name: "web", provider: "cdn" as const, url: "https://example.org/plugins" };
const local = { name: "disk", provider: "local" as const, path: "/srv/plugins" };
const fixture = [
  { namespace: "copytags", type: "metadata" as const, versions: [{ version: "1.0.0", source: "x" }] },
];

describe("a registry", () => {
  test.each(["日本のプラグイン", "Łódź ✓ 🎴", "é", 'a"b\\c'])("may be named %s", async (name) => {
    const { registries } = await openWorld();
    const { id } = await registries.create({ ...cdn, name });
    expect((await registries.get(id)).name).toBe(name);
    expect((await registries.list()).map((registry) => registry.name)).toEqual([name]);
    expect((await registries.update(id, { name: `${name}2` })).name).toBe(`${name}2`);
  });

  test.each([
    [{ name: "x", provider: "cdn" as const }, "url is missing"],
    [{ ...cdn, url: "" }, "url is missing"],
    [{ ...cdn, name: " " }, "name is missing"],
    [{ ...cdn, path: "/x" }, "path is not a field"],
    [{ ...cdn, ref: "main" }, "ref is not a field"],
    [{ ...cdn, url: "ftp://example.org" }, "http"],
    [{ name: "x", provider: "local" as const }, "path is missing"],
    [{ ...local, path: "plugins" }, "absolute"],
    [{ ...local, url: "https://example.org" }, "url is not a field"],
  ])("is not created from %j", async (fields, why) => {
    const { registries } = await openWorld();
    await expect(registries.create(fields)).rejects.toMatchObject({
      code: "REGISTRY_FIELDS_INVALID",
      message: expect.stringContaining(why),
    });
    expect(await registries.list()).toEqual([]);
  });

  test("has its texts without the white space around them, as they are pasted", async () => {
    const { registries } = await openWorld();
    const { id } = await registries.create({
      name: " web\t",
      provider: "cdn",
      url: "\n https://example.org/a ",
    });
    expect(await registries.get(id)).toMatchObject({ name: "web", url: "https://example.org/a" });
    const moved = await registries.update(id, { url: " https://example.org/b\n", name: "  two words " });
    expect(moved).toMatchObject({ name: "two words", url: "https://example.org/b" });
    const { id: disk } = await registries.create({ name: "d", provider: "local", path: " /srv/plugins " });
    expect((await registries.get(disk)).path).toBe("/srv/plugins");
  });

  test("loses the old provider's fields with the provider and needs the new one's", async () => {
    const { registries } = await openWorld();
    const { id } = await registries.create(cdn);
    await expect(registries.update(id, { provider: "local" })).rejects.toMatchObject({
      code: "REGISTRY_FIELDS_INVALID",
      message: expect.stringContaining("path is missing"),
    });
    await expect(
      registries.update(id, { provider: "local", path: "/x", url: "https://a.example" }),
    ).rejects.toMatchObject({ code: "REGISTRY_FIELDS_INVALID" });
    await expect(registries.update(id, { path: "/x" })).rejects.toMatchObject({
      code: "REGISTRY_FIELDS_INVALID",
    });
    expect(await registries.get(id)).toMatchObject(cdn);
    const changed = await registries.update(id, { provider: "local", path: "/x" });
    expect(changed).toMatchObject({ id, name: "web", provider: "local", path: "/x" });
    expect(changed).not.toHaveProperty("url");
  });

  test("keeps its folder until a change sets null", async () => {
    const { registries } = await openWorld();
    const git = { name: "g", provider: "git" as const, url: "https://example.org/a", folder: "deep/er" };
    const { id } = await registries.create(git);
    expect(await registries.update(id, { name: "h" })).toMatchObject({ folder: "deep/er" });
    expect(await registries.update(id, { folder: null })).not.toHaveProperty("folder");
    expect(await registries.get(id)).not.toHaveProperty("folder");
  });

  test("keeps its index when it is renamed, and drops it when its source changes", async () => {
    const { registries, catalog, addLocal } = await openWorld();
    const { id, folder } = await addLocal();
    await writeRegistry(folder, fixture);
    await catalog.refresh(id);
    const search = () => catalog.search({ registry: id, page: 1, size: 10 });
    expect((await search()).total).toBe(1);
    await registries.update(id, { name: "renamed", path: folder });
    expect((await search()).total).toBe(1);
    await registries.update(id, { path: `${folder}-other` });
    await expect(search()).rejects.toMatchObject({ code: "REGISTRY_NOT_REFRESHED" });
    expect((await catalog.search({ page: 1, size: 10 })).total).toBe(0);
  });

  test("that is unknown is not found", async () => {
    const { registries } = await openWorld();
    const id = "REG_0000000001";
    const unknown = { code: "REGISTRY_NOT_FOUND", message: expect.stringContaining("doesn't exist") };
    await expect(registries.get(id)).rejects.toMatchObject(unknown);
    await expect(registries.update(id, { name: "x" })).rejects.toMatchObject(unknown);
    await expect(registries.delete(id)).rejects.toMatchObject(unknown);
    await expect(registries.setDefault(id)).rejects.toMatchObject(unknown);
  });

  test("is not changed or deleted while it is locked", async () => {
    const { registries, store } = await openWorld();
    const { id } = await registries.create(cdn);
    const lock = await store.locks.tryAcquire(`registry:${id}`);
    const busy = { code: "REGISTRY_BUSY", status: 423 };
    await expect(registries.update(id, { name: "x" })).rejects.toMatchObject(busy);
    await expect(registries.delete(id)).rejects.toMatchObject(busy);
    await lock?.release();
    await registries.update(id, { name: "x" });
    await registries.delete(id);
    expect(await registries.list()).toEqual([]);
  });

  test("is the default until it is removed", async () => {
    const { registries } = await openWorld();
    const { id } = await registries.create(cdn);
    expect(await registries.getDefault()).toBe("");
    await registries.setDefault(id);
    expect(await registries.getDefault()).toBe(id);
    expect(await registries.clearDefault()).toBe(id);
    expect(await registries.clearDefault()).toBe("");
    await registries.setDefault(id);
    await registries.delete(id);
    expect(await registries.getDefault()).toBe("");
  });
});
