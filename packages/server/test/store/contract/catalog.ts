import { type IndexPlugin, toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import type { CatalogRow, IndexMeta, OfferSummary, Store } from "../../../src/store/types.ts";
import { fresh, NOW, type OpenStore, upTo } from "./open.ts";

const pluginOf = (namespace: string, version: string): IndexPlugin => ({
  namespace: toNamespace(namespace),
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

const summaryOf = (namespace: string, version: string): OfferSummary => ({
  namespace: toNamespace(namespace),
  type: "script",
  version,
  name: namespace,
  author: "somebody",
  description: "what it does",
  published_at: "2026-01-02T03:04:05Z",
  versions: 1,
});

/** A document of some plugins with its rows. The store does not look at what stands around the entries. */
const indexWith = (namespaces: string[], version: string): [document: Buffer, rows: CatalogRow[]] => {
  const pieces = [Buffer.from("漫")];
  let end = 3;
  const rows = namespaces.map((namespace) => {
    const entry = Buffer.from(JSON.stringify(pluginOf(namespace, version)));
    pieces.push(entry, Buffer.from(","));
    const row = { summary: summaryOf(namespace, version), start: end, length: entry.length };
    end += entry.length + 1;
    return row;
  });
  return [Buffer.concat(pieces), rows];
};

/** In an order that is neither alphabetical nor its reverse. */
const indexOf = (count: number, version: string) =>
  indexWith(
    upTo(count).map((i) => `plugin-${(i * 7919) % count}`),
    version,
  );

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
    expect(await store.catalog.document(id)).toBeUndefined();
    expect(await store.registries.get(id)).not.toHaveProperty("refreshed");
  });

  test("an index is read back whole and in its order, also by a later process", async () => {
    const { store, reopen, id, updated } = await withRegistry(open);
    const [document, rows] = indexOf(1500, "1.0.0");
    const meta = { ...metaOf(1500, '"e1"'), lastModified: "Fri, 02 Jan 2026 03:04:05 GMT" };
    await store.catalog.replace(id, updated, meta, document, rows);
    const expectWhole = async (opened: Store): Promise<void> => {
      expect(await opened.catalog.meta(id)).toEqual(meta);
      expect(await opened.catalog.summaries(id)).toEqual(rows.map((r) => r.summary));
      expect(document.equals((await opened.catalog.document(id)) ?? Buffer.alloc(0))).toBe(true);
      expect(await opened.catalog.entry(id, "plugin-77")).toEqual(pluginOf("plugin-77", "1.0.0"));
      expect(await opened.catalog.entry(id, "absent")).toBeUndefined();
      expect(await opened.registries.get(id)).toMatchObject({ refreshed: NOW, plugins: 1500 });
    };
    await expectWhole(store);
    await expectWhole(await reopen());
  });

  test("the skipped entries of an index are stored and removed with it", async () => {
    const { store, reopen, id, updated } = await withRegistry(open);
    const left = { skipped: [{ path: "/plugins/漫画\ufffd", reason: "is missing" }], skippedCount: 7 };
    await store.catalog.replace(id, updated, { ...metaOf(1), ...left }, ...indexOf(1, "1.0.0"));
    const again = await reopen();
    await again.catalog.touch(id, NOW + 9);
    expect(await again.catalog.meta(id)).toEqual({ ...metaOf(1), ...left, refreshed: NOW + 9 });
    expect(await again.registries.get(id)).toMatchObject(left);
    await again.catalog.replace(id, updated, metaOf(1), ...indexOf(1, "2.0.0"));
    expect(await again.catalog.meta(id)).toEqual(metaOf(1));
    expect(await again.registries.get(id)).not.toHaveProperty("skipped");
  });

  test("an index under a lost lock is rejected, and the current one stays", async () => {
    const { store, id, updated } = await withRegistry(open);
    const slept = await store.locks.tryAcquire(`registry:${id}`);
    await slept?.release();
    const later = await store.locks.tryAcquire(`registry:${id}`);
    await store.catalog.replace(id, updated, metaOf(3), ...indexOf(3, "2.0.0"), later);
    await expect(
      store.catalog.replace(id, updated, metaOf(4), ...indexOf(4, "1.0.0"), slept),
    ).rejects.toMatchObject({ code: "LOCK_LOST", params: { what: `registry:${id}` } });
    expect(await versionsOf(store, id)).toEqual(["2.0.0"]);
    expect(await store.catalog.meta(id)).toEqual(metaOf(3));
    await later?.release();
    await expect(
      store.catalog.replace(id, updated, metaOf(4), ...indexOf(4, "1.0.0"), later),
    ).rejects.toMatchObject({ code: "LOCK_LOST" });
  });

  test("a namespace is found in any case", async () => {
    const { store, id, updated } = await withRegistry(open);
    await store.catalog.replace(id, updated, metaOf(1), ...indexWith(["copytags"], "1.0.0"));
    expect(await store.catalog.entry(id, toNamespace("CopyTags"))).toMatchObject({ namespace: "copytags" });
  });

  test("an empty index is an index", async () => {
    const { store, id, updated } = await withRegistry(open);
    await store.catalog.replace(id, updated, metaOf(3), ...indexOf(3, "1.0.0"));
    await store.catalog.replace(id, updated, metaOf(0), ...indexOf(0, "1.0.0"));
    expect(await store.catalog.meta(id)).toMatchObject({ plugins: 0 });
    expect(await store.catalog.summaries(id)).toEqual([]);
    expect(await store.catalog.entry(id, "plugin-1")).toBeUndefined();
  });

  test("readers see the old index or the new one, never a mixture", async () => {
    const { store, id, updated } = await withRegistry(open);
    const sizes = { "1.0.0": 10, "2.0.0": 20_000 };
    await store.catalog.replace(id, updated, metaOf(10), ...indexOf(10, "1.0.0"));
    let replacing = true;
    const replaced = store.catalog
      .replace(id, updated, metaOf(20_000), ...indexOf(20_000, "2.0.0"))
      .finally(() => (replacing = false));
    let looks = 0;
    while (replacing) {
      const summaries = await store.catalog.summaries(id);
      const [version] = new Set(summaries.map((s) => s.version)) as Set<keyof typeof sizes>;
      expect(summaries).toHaveLength(version ? sizes[version] : -1);
      looks += 1;
      await new Promise(setImmediate);
    }
    await replaced;
    expect(looks).toBeGreaterThan(1);
    expect(await versionsOf(store, id)).toEqual(["2.0.0"]);
    expect(await store.catalog.entry(id, "plugin-5")).toEqual(pluginOf("plugin-5", "2.0.0"));
  });

  test("a document that is read while it is replaced is of one index, and so is an entry", async () => {
    const { store, id, updated } = await withRegistry(open);
    const indexes = ["1.0.0", "2.0.0", "3.0.0", "4.0.0"].map((version, n) => indexOf(3000 - n, version));
    const documents: Promise<Buffer | undefined>[] = [];
    const entries: Promise<IndexPlugin | undefined>[] = [];
    for (const [document, rows] of indexes) {
      const replaced = store.catalog.replace(id, updated, metaOf(rows.length), document, rows);
      documents.push(store.catalog.document(id));
      entries.push(store.catalog.entry(id, "plugin-5"));
      await replaced;
      documents.push(store.catalog.document(id));
      entries.push(store.catalog.entry(id, "plugin-5"));
    }
    const [first, ...later] = await Promise.all(documents);
    expect(first).toBeUndefined();
    for (const read of later) expect(indexes.some(([document]) => read?.equals(document))).toBe(true);
    for (const plugin of (await Promise.all(entries)).slice(1)) {
      const [version = ""] = Object.keys(plugin?.versions ?? {});
      expect(plugin).toEqual(pluginOf("plugin-5", version));
    }
  });

  test("an index of a registry that was deleted meanwhile is rejected and leaves nothing", async () => {
    const { store, id, updated } = await withRegistry(open);
    const replaced = store.catalog.replace(id, updated, metaOf(1200), ...indexOf(1200, "1.0.0"));
    const [outcome] = await Promise.allSettled([replaced, store.registries.delete(id)]);
    expect(outcome).toMatchObject({ status: "rejected", reason: { code: "REGISTRY_NOT_FOUND" } });
    expect(await store.catalog.summaries(id)).toEqual([]);
    expect(await store.catalog.meta(id)).toBeUndefined();
  });

  test("an index of a source that changed meanwhile is rejected", async () => {
    const { store, id, updated } = await withRegistry(open);
    await store.registries.update(id, { name: "r", provider: "local", path: "/r" }, true, NOW);
    await expect(store.catalog.replace(id, updated, metaOf(3), ...indexOf(3, "1.0.0"))).rejects.toMatchObject(
      {
        code: "REGISTRY_NOT_FOUND",
      },
    );
    expect(await store.catalog.meta(id)).toBeUndefined();
  });

  test("a changed source drops the index, a changed name keeps it", async () => {
    const { store, id, updated } = await withRegistry(open);
    await store.catalog.replace(id, updated, metaOf(3), ...indexOf(3, "1.0.0"));
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
      store.catalog.replace(id, updated, metaOf(900), ...indexOf(900, "1.0.0")),
      store.catalog.replace(other.id, other.updated, metaOf(900), ...indexOf(900, "2.0.0")),
    ]);
    await store.registries.delete(other.id);
    expect(await store.catalog.summaries(other.id)).toEqual([]);
    expect(await versionsOf(store, id)).toEqual(["1.0.0"]);
    expect(await store.catalog.summaries(id)).toHaveLength(900);
  });

  test("a confirmation changes the time and nothing else", async () => {
    const { store, id, updated } = await withRegistry(open);
    await store.catalog.replace(id, updated, metaOf(3, '"e"'), ...indexOf(3, "1.0.0"));
    await store.catalog.touch(id, NOW + 99);
    expect(await store.catalog.meta(id)).toEqual({ ...metaOf(3, '"e"'), refreshed: NOW + 99 });
  });
};
