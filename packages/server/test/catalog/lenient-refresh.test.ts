import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { fixtureIndex } from "../support/registry-fixture.ts";
import { openWorld } from "./world.ts";

const all = { page: 1, size: 50 };
const plugin = (namespace: string, ...versions: string[]) => ({
  namespace,
  type: "metadata" as const,
  versions: versions.map((version) => ({ version, source: `export default "${version}"` })),
});

/** A registry of three plugins, of which the second has a type that does not exist. */
const oneBad = () => {
  const index = fixtureIndex([plugin("a", "1.0.0"), plugin("b", "1.0.0"), plugin("c", "1.0.0", "1.1.0")]);
  Object.assign(index.plugins.b ?? {}, { type: "theme" });
  return index;
};

const openWithIndex = async (index: unknown) => {
  const world = await openWorld();
  const { id, folder } = await world.addLocal();
  const write = (value: unknown) => writeFile(path.join(folder, "registry.json"), JSON.stringify(value));
  await write(index);
  const offered = async () => (await world.catalog.search(all)).items.map((item) => item.namespace);
  return { ...world, id, write, offered };
};

describe("one bad entry", () => {
  test("does not hide the other plugins of a lenient registry (the reference's fault 15)", async () => {
    const { catalog, registries, id, offered } = await openWithIndex(oneBad());
    await registries.update(id, { lenient: true });
    const refreshed = await catalog.refresh(id);
    const left = { skipped: [{ path: "/plugins/b/type", reason: expect.any(String) }], skippedCount: 1 };
    expect(refreshed).toMatchObject({ changed: true, ...left });
    expect(Object.keys(JSON.parse(refreshed.index.toString()).plugins)).toEqual(["a", "c"]);
    expect(await offered()).toEqual(["a", "c"]);
    expect(await registries.get(id)).toMatchObject({ lenient: true, plugins: 2, ...left });
    expect((await catalog.resolve(id, "c")).version.version).toBe("1.1.0");
    await expect(catalog.resolve(id, "b")).rejects.toMatchObject({ code: "PLUGIN_NOT_IN_REGISTRY" });
  });

  test("is reported again when the source is unchanged", async () => {
    const { catalog, registries, id } = await openWithIndex(oneBad());
    await registries.update(id, { lenient: true });
    const first = await catalog.refresh(id);
    expect(await catalog.refresh(id)).toEqual({ ...first, changed: false });
  });

  test("makes a strict refresh fail with a hint and keeps the cached index", async () => {
    const { catalog, registries, id, write, offered, clock } = await openWithIndex(
      fixtureIndex([plugin("a", "1.0.0"), plugin("old", "1.0.0")]),
    );
    await catalog.refresh(id);
    const before = await registries.get(id);
    await write(oneBad());
    clock.now += 60;
    for (const _ of [1, 2]) {
      await expect(catalog.refresh(id)).rejects.toMatchObject({
        code: "INDEX_INVALID",
        params: { path: "/plugins/b/type" },
        hint: expect.stringContaining("hitagi registry update <id> --lenient"),
      });
    }
    expect(await offered()).toEqual(["a", "old"]);
    expect((await catalog.resolve(id, "old")).version.version).toBe("1.0.0");
    const failure = {
      code: "INDEX_INVALID",
      at: clock.now,
      since: clock.now,
      error: expect.any(String),
      hint: expect.any(String),
    };
    expect(await registries.get(id)).toEqual({ ...before, age: 60, failure });
  });

  test("is refused after the registry becomes strict, also when the source is unchanged", async () => {
    const { catalog, registries, id, write, offered } = await openWithIndex(oneBad());
    await registries.update(id, { lenient: true });
    await catalog.refresh(id);
    const strict = await registries.update(id, { lenient: false });
    expect(strict).not.toHaveProperty("lenient");
    await expect(catalog.refresh(id)).rejects.toMatchObject({ code: "INDEX_INVALID" });
    expect(await offered()).toEqual(["a", "c"]);
    await write(fixtureIndex([plugin("a", "1.0.0")]));
    expect(await catalog.refresh(id)).not.toHaveProperty("skipped");
    const healed = await registries.get(id);
    expect([healed.skipped, healed.skippedCount]).toEqual([undefined, undefined]);
  });
});

test("a lenient registry refuses an invalid document and keeps the previous index", async () => {
  const { catalog, registries, id, write, offered } = await openWithIndex(oneBad());
  await registries.update(id, { lenient: true });
  await catalog.refresh(id);
  await write({ ...oneBad(), version: 2 });
  await expect(catalog.refresh(id)).rejects.toMatchObject({ params: { path: "/version" } });
  expect(await offered()).toEqual(["a", "c"]);
});

test("a change of another field keeps the leniency and the cached index", async () => {
  const { catalog, registries, id, offered } = await openWithIndex(oneBad());
  await registries.update(id, { lenient: true });
  await catalog.refresh(id);
  expect(await registries.update(id, { name: "other" })).toMatchObject({ name: "other", lenient: true });
  await registries.update(id, { lenient: false });
  expect(await offered()).toEqual(["a", "c"]);
});
