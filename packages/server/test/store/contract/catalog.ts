import type { IndexPlugin } from "@hitagi/contract";
import { expect, test } from "vitest";
import type { CatalogRow, IndexMeta, Store } from "../../../src/store/types.ts";
import { fresh, NOW, type OpenStore, upTo } from "./open.ts";

const pluginOf = (namespace: string, version: string): IndexPlugin => ({
  namespace,
  type: "script",
  versions: {
    [version]: {
      version,
      name: `Name of ${namespace} ✓`,
      author: "somebody",
      description: "x".repeat(400),
      artifact: `${namespace}.ts`,
      sha256: "0".repeat(64),
      published_at: "2026-01-02T03:04:05Z",
    },
  },
});

const rowOf = (namespace: string, version: string): CatalogRow => ({
  summary: {
    namespace,
    type: "script",
    version,
    name: namespace,
    author: "somebody",
    description: "what it does",
    published_at: "2026-01-02T03:04:05Z",
    versions: 1,
  },
  entry: JSON.stringify(pluginOf(namespace, version)),
});

/** In an order that is neither alphabetical nor its reverse. */
const rowsOf = (count: number, version: string): CatalogRow[] =>
  upTo(count).map((i) => rowOf(`plugin-${(i * 7919) % count}`, version));

const metaOf = (plugins: number, etag?: string): IndexMeta => ({
  generated_at: "2026-01-02T03:04:05Z",
  ...(etag !== undefined && { etag }),
  refreshed: NOW,
  plugins,
});

const withRegistry = async (open: OpenStore) => {
  const { store, reopen } = await fresh(open);
  const registry = await store.registries.create({ name: "r", provider: "cdn", url: "https://e.org" }, NOW);
  return { store, reopen, ...registry };
};

const versionsOf = async (store: Store, id: string): Promise<string[]> => [
  ...new Set((await store.catalog.summaries(id)).map((s) => s.version)),
];

export const catalogContract = (open: OpenStore): void => {
  test("before the first refresh there is nothing", async () => {
    const { store, id } = await withRegistry(open);
    expect(await store.catalog.meta(id)).toBeUndefined();
    expect(await store.catalog.summaries(id)).toEqual([]);
    expect(await store.catalog.entry(id, "plugin-1")).toBeUndefined();
    expect(await store.catalog.entries(id)).toEqual([]);
    expect(await store.registries.get(id)).not.toHaveProperty("refreshed");
  });

  test("an index is read back whole and in its order, also by a later process", async () => {
    const { store, reopen, id, updated } = await withRegistry(open);
    const rows = rowsOf(1500, "1.0.0");
    const meta = { ...metaOf(1500, '"e1"'), lastModified: "Fri, 02 Jan 2026 03:04:05 GMT" };
    await store.catalog.replace(id, updated, meta, rows);
    const expectWhole = async (opened: Store): Promise<void> => {
      expect(await opened.catalog.meta(id)).toEqual(meta);
      expect(await opened.catalog.summaries(id)).toEqual(rows.map((r) => r.summary));
      expect(await opened.catalog.entries(id)).toEqual(
        rows.map((r) => ({ namespace: r.summary.namespace, entry: r.entry })),
      );
      expect(await opened.catalog.entry(id, "plugin-77")).toEqual(pluginOf("plugin-77", "1.0.0"));
      expect(await opened.catalog.entry(id, "absent")).toBeUndefined();
      expect(await opened.registries.get(id)).toMatchObject({ refreshed: NOW, plugins: 1500 });
    };
    await expectWhole(store);
    await expectWhole(await reopen());
  });

  test("what was left out of an index is told with it, and goes with it", async () => {
    const { store, reopen, id, updated } = await withRegistry(open);
    const left = { skipped: [{ path: "/plugins/漫画\ud800", reason: "is missing" }], skippedCount: 7 };
    await store.catalog.replace(id, updated, { ...metaOf(1), ...left }, rowsOf(1, "1.0.0"));
    const again = await reopen();
    await again.catalog.touch(id, NOW + 9);
    expect(await again.catalog.meta(id)).toEqual({ ...metaOf(1), ...left, refreshed: NOW + 9 });
    expect(await again.registries.get(id)).toMatchObject(left);
    await again.catalog.replace(id, updated, metaOf(1), rowsOf(1, "2.0.0"));
    expect(await again.catalog.meta(id)).toEqual(metaOf(1));
    expect(await again.registries.get(id)).not.toHaveProperty("skipped");
  });

  test("a namespace is found in any case", async () => {
    const { store, id, updated } = await withRegistry(open);
    await store.catalog.replace(id, updated, metaOf(1), [rowOf("copytags", "1.0.0")]);
    expect(await store.catalog.entry(id, "CopyTags")).toMatchObject({ namespace: "copytags" });
  });

  test("an empty index is an index", async () => {
    const { store, id, updated } = await withRegistry(open);
    await store.catalog.replace(id, updated, metaOf(3), rowsOf(3, "1.0.0"));
    await store.catalog.replace(id, updated, metaOf(0), []);
    expect(await store.catalog.meta(id)).toMatchObject({ plugins: 0 });
    expect(await store.catalog.summaries(id)).toEqual([]);
    expect(await store.catalog.entry(id, "plugin-1")).toBeUndefined();
  });

  test("readers see the old index or the new one, never a mixture", async () => {
    const { store, id, updated } = await withRegistry(open);
    await store.catalog.replace(id, updated, metaOf(2000), rowsOf(2000, "1.0.0"));
    let replacing = true;
    const replaced = store.catalog
      .replace(id, updated, metaOf(2000), rowsOf(2000, "2.0.0"))
      .finally(() => (replacing = false));
    let looks = 0;
    while (replacing) {
      const summaries = await store.catalog.summaries(id);
      expect(summaries).toHaveLength(2000);
      expect(new Set(summaries.map((s) => s.version)).size).toBe(1);
      looks += 1;
      await new Promise(setImmediate);
    }
    await replaced;
    expect(looks).toBeGreaterThan(1);
    expect(await versionsOf(store, id)).toEqual(["2.0.0"]);
    expect(await store.catalog.entry(id, "plugin-5")).toEqual(pluginOf("plugin-5", "2.0.0"));
  });

  test("entries that are read while the index is replaced are all of one index", async () => {
    const { store, id, updated } = await withRegistry(open);
    await store.catalog.replace(id, updated, metaOf(3000), rowsOf(3000, "1.0.0"));
    const sizes = { "2.0.0": 10, "3.0.0": 2500, "4.0.0": 3000 };
    const reading: Promise<{ namespace: string; entry: string }[]>[] = [];
    for (const [version, size] of Object.entries(sizes)) {
      reading.push(store.catalog.entries(id));
      await store.catalog.replace(id, updated, metaOf(size), rowsOf(size, version));
      reading.push(store.catalog.entries(id));
    }
    const rowsByVersion = { "1.0.0": 3000, ...sizes };
    for (const entries of await Promise.all(reading)) {
      const versions = new Set(entries.map(({ entry }) => Object.keys(JSON.parse(entry).versions)[0]));
      expect(versions.size).toBe(1);
      const [version] = versions as Set<keyof typeof rowsByVersion>;
      expect(entries).toHaveLength(version ? rowsByVersion[version] : -1);
    }
  });

  test("rows that fail midway leave the old index", async () => {
    const { store, id, updated } = await withRegistry(open);
    await store.catalog.replace(id, updated, metaOf(10, '"old"'), rowsOf(10, "1.0.0"));
    const broken = function* () {
      yield* rowsOf(1200, "2.0.0");
      throw new Error("the index ends here");
    };
    await expect(store.catalog.replace(id, updated, metaOf(2000), broken())).rejects.toThrow("ends here");
    expect(await store.catalog.meta(id)).toEqual(metaOf(10, '"old"'));
    expect(await versionsOf(store, id)).toEqual(["1.0.0"]);
  });

  test("an index of a registry that went meanwhile is refused and leaves nothing", async () => {
    const { store, id, updated } = await withRegistry(open);
    const rows = function* () {
      yield* rowsOf(600, "1.0.0");
      deleted = store.registries.delete(id);
      yield* rowsOf(600, "1.0.0").map((r) => rowOf(`later-${r.summary.namespace}`, "1.0.0"));
    };
    let deleted: Promise<void> | undefined;
    await expect(store.catalog.replace(id, updated, metaOf(1200), rows())).rejects.toMatchObject({
      code: "REGISTRY_NOT_FOUND",
    });
    await deleted;
    expect(await store.catalog.summaries(id)).toEqual([]);
    expect(await store.catalog.meta(id)).toBeUndefined();
  });

  test("an index of a source that changed meanwhile is refused", async () => {
    const { store, id, updated } = await withRegistry(open);
    await store.registries.update(id, { name: "r", provider: "local", path: "/r" }, true, NOW);
    await expect(store.catalog.replace(id, updated, metaOf(3), rowsOf(3, "1.0.0"))).rejects.toMatchObject({
      code: "REGISTRY_NOT_FOUND",
    });
    expect(await store.catalog.meta(id)).toBeUndefined();
  });

  test("a changed source drops the index, a changed name keeps it", async () => {
    const { store, id, updated } = await withRegistry(open);
    await store.catalog.replace(id, updated, metaOf(3), rowsOf(3, "1.0.0"));
    await store.registries.update(id, { name: "n", provider: "cdn", url: "https://e.org" }, false, NOW);
    expect(await store.catalog.summaries(id)).toHaveLength(3);
    await store.registries.update(id, { name: "n", provider: "cdn", url: "https://f.org" }, true, NOW);
    expect(await store.catalog.summaries(id)).toEqual([]);
    expect(await store.catalog.entry(id, "plugin-1")).toBeUndefined();
  });

  test("each registry has its own index", async () => {
    const { store, id, updated } = await withRegistry(open);
    const other = await store.registries.create({ name: "s", provider: "cdn", url: "https://f.org" }, NOW);
    await Promise.all([
      store.catalog.replace(id, updated, metaOf(900), rowsOf(900, "1.0.0")),
      store.catalog.replace(other.id, other.updated, metaOf(900), rowsOf(900, "2.0.0")),
    ]);
    await store.registries.delete(other.id);
    expect(await store.catalog.summaries(other.id)).toEqual([]);
    expect(await versionsOf(store, id)).toEqual(["1.0.0"]);
    expect(await store.catalog.entries(id)).toHaveLength(900);
  });

  test("a confirmation changes the time and nothing else", async () => {
    const { store, id, updated } = await withRegistry(open);
    await store.catalog.replace(id, updated, metaOf(3, '"e"'), rowsOf(3, "1.0.0"));
    await store.catalog.touch(id, NOW + 99);
    expect(await store.catalog.meta(id)).toEqual({ ...metaOf(3, '"e"'), refreshed: NOW + 99 });
  });
};
