import { rm, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import { httpServer } from "../support/http-server.ts";
import { largeIndex } from "../support/large-index.ts";
import { fixtureIndex, writeRegistry } from "../support/registry-fixture.ts";
import { openWorld } from "./world.ts";

const plugin = (namespace: string, ...versions: string[]) => ({
  namespace,
  type: "metadata" as const,
  versions: versions.map((version) => ({ version, source: `export default "${namespace} ${version}"` })),
});
const all = { page: 1, size: 50 };

describe("a refresh", () => {
  test("returns the index as it was sent and caches its plugins", async () => {
    const { catalog, registries, addLocal, clock } = await openWorld();
    const { id, folder } = await addLocal();
    const index = await writeRegistry(folder, [plugin("copytags", "1.0.0"), plugin("b", "0.1.0", "0.2.0")]);
    const text = JSON.stringify(index, null, 2);
    await writeFile(path.join(folder, "registry.json"), text);
    clock.now += 5;
    expect(await catalog.refresh(id)).toEqual({ index: Buffer.from(text), changed: true });
    expect(await registries.get(id)).toMatchObject({ refreshed: clock.now, plugins: 2 });
  });

  test("returns an unchanged index from the cache", async () => {
    const { catalog, registries, addLocal, clock } = await openWorld();
    const { id, folder } = await addLocal();
    const index = await writeRegistry(folder, [
      plugin("b", "1.0.0"),
      plugin("7", "1.0.0"),
      plugin("__proto__", "1.0.0"),
    ]);
    await catalog.refresh(id);
    clock.now += 60;
    const again = await catalog.refresh(id);
    expect(again.changed).toBe(false);
    expect(JSON.parse(again.index.toString())).toEqual(index);
    expect(again.index.indexOf('"b"')).toBeGreaterThan(0);
    expect(await registries.get(id)).toMatchObject({ refreshed: clock.now });
  });

  test("adds new versions and removes plugins that left the index", async () => {
    const { catalog, addLocal } = await openWorld();
    const { id, folder } = await addLocal();
    await writeRegistry(folder, [plugin("old", "1.0.0"), plugin("kept", "1.0.0")]);
    await catalog.refresh(id);
    expect((await catalog.search(all)).items.map((item) => item.namespace)).toEqual(["kept", "old"]);
    await writeRegistry(folder, [plugin("kept", "1.0.0", "1.1.0")]);
    await catalog.refresh(id);
    expect((await catalog.search(all)).items).toMatchObject([
      { namespace: "kept", version: "1.1.0", versions: 2 },
    ]);
  });

  test("takes what its owner puts into a folder of this machine: an older index, and other bytes of a version", async () => {
    const { catalog, addLocal, clock } = await openWorld();
    const { id, folder } = await addLocal();
    const publish = async (year: number, source: string) => {
      const versions = [{ version: "1.0.0", source }];
      const index = await writeRegistry(folder, [{ namespace: "a", type: "metadata", versions }]);
      const text = JSON.stringify({ ...index, generated_at: `${year}-01-01T00:00:00Z` });
      await writeFile(path.join(folder, "registry.json"), text);
      clock.now += 60;
      return (await catalog.refresh(id)).changed;
    };
    expect([await publish(2022, "first"), await publish(2021, "second")]).toEqual([true, true]);
    expect((await catalog.resolve(id, "a", "1.0.0")).seen).toEqual([]);
  });

  test("accepts a byte-order mark", async () => {
    const { catalog, addLocal } = await openWorld();
    const { id, folder } = await addLocal();
    const text = JSON.stringify(fixtureIndex([plugin("copytags", "1.0.0")]));
    await writeFile(path.join(folder, "registry.json"), `\ufeff${text}`);
    expect(await catalog.refresh(id)).toEqual({ index: Buffer.from(text), changed: true });
  });

  test("keeps the previous index when the new one is invalid", async () => {
    const { catalog, addLocal } = await openWorld();
    const { id, folder } = await addLocal();
    await writeRegistry(folder, [plugin("copytags", "1.0.0")]);
    await catalog.refresh(id);
    await writeFile(
      path.join(folder, "registry.json"),
      JSON.stringify({ ...fixtureIndex([]), version: "1" }),
    );
    await expect(catalog.refresh(id)).rejects.toMatchObject({
      code: "INDEX_INVALID",
      status: 400,
      params: { path: "/version" },
    });
    await rm(path.join(folder, "registry.json"));
    await expect(catalog.refresh(id)).rejects.toMatchObject({ code: "SOURCE_FILE_MISSING", status: 400 });
    expect((await catalog.search(all)).total).toBe(1);
  });

  test("of an unknown registry is refused", async () => {
    const { catalog } = await openWorld();
    await expect(catalog.refresh("REG_0000000001")).rejects.toMatchObject({ code: "REGISTRY_NOT_FOUND" });
  });

  test("keeps a large index complete", async () => {
    const { catalog, addLocal } = await openWorld();
    const { id, folder } = await addLocal();
    const index = largeIndex(2000);
    const text = JSON.stringify(index);
    await writeFile(path.join(folder, "registry.json"), text);
    await catalog.refresh(id);
    const { index: again, changed } = await catalog.refresh(id);
    expect({ same: again.equals(Buffer.from(text)), changed }).toEqual({ same: true, changed: false });
  });
});

const deferred = () => {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
};

/** A web server whose answer to registry.json is given when the test says so. */
const slowServer = async () => {
  const { promise: asked, resolve: ask } = deferred();
  const { promise: go, resolve: answer } = deferred();
  const body = JSON.stringify(fixtureIndex([plugin("copytags", "1.0.0")]));
  const url = await httpServer(async (_, response) => {
    ask();
    await go;
    response.end(body);
  });
  return { url, asked, answer };
};

describe("while a refresh fetches", () => {
  test("other operations on the same registry are refused and those on others run", async () => {
    const { catalog, registries, addLocal } = await openWorld();
    const { url, asked, answer } = await slowServer();
    const { id } = await registries.create({ name: "slow", provider: "cdn", url });
    const other = await addLocal("other");
    await writeRegistry(other.folder, [plugin("b", "1.0.0")]);
    const first = catalog.refresh(id);
    await asked;
    await expect(catalog.refresh(id)).rejects.toMatchObject({ code: "REGISTRY_BUSY" });
    await expect(registries.update(id, { name: "x" })).rejects.toMatchObject({ code: "REGISTRY_BUSY" });
    await expect(registries.delete(id)).rejects.toMatchObject({ code: "REGISTRY_BUSY" });
    await catalog.refresh(other.id);
    answer();
    expect((await first).changed).toBe(true);
    await registries.delete(id);
  });

  test("the index is not cached if another program deletes or changes the registry", async () => {
    const { catalog, registries, store, clock } = await openWorld();
    for (const change of ["delete", "update"] as const) {
      const { url, asked, answer } = await slowServer();
      const { id } = await registries.create({ name: change, provider: "cdn", url });
      const refresh = catalog.refresh(id);
      await asked;
      // Straight to the store, as a second program does that shares it.
      if (change === "delete") await store.registries.delete(id);
      else
        await store.registries.update(id, { name: "x", provider: "local", path: "/x" }, true, clock.now + 1);
      answer();
      await expect(refresh).rejects.toMatchObject({ code: "REGISTRY_NOT_FOUND" });
      expect(await store.catalog.meta(id)).toBeUndefined();
    }
    expect((await catalog.search(all)).total).toBe(0);
  });

  test("the lock is held as long as the fetch runs and released when it fails", async () => {
    const { catalog, registries } = await openWorld({ timeoutMs: 300 });
    const dripping: RequestListener = (_, response) => {
      const timer = setInterval(() => response.write(" "), 20);
      response.on("close", () => clearInterval(timer));
    };
    const { id } = await registries.create({
      name: "drips",
      provider: "cdn",
      url: await httpServer(dripping),
    });
    const busy = vi.fn();
    // It may fail before the other one is refused.
    const failing = expect(catalog.refresh(id)).rejects.toMatchObject({
      code: "SOURCE_TIMEOUT",
      status: 502,
    });
    await catalog.refresh(id).catch((error) => busy(error.code));
    await failing;
    expect(busy).toHaveBeenCalledWith("REGISTRY_BUSY");
    await registries.delete(id);
  });

  test("the caller's abort ends it", async () => {
    const { catalog, registries } = await openWorld();
    const { url, asked } = await slowServer();
    const { id } = await registries.create({ name: "slow", provider: "cdn", url });
    const controller = new AbortController();
    const refresh = catalog.refresh(id, controller.signal);
    await asked;
    controller.abort(new Error("given up"));
    await expect(refresh).rejects.toThrow("given up");
    await registries.delete(id);
  });
});
