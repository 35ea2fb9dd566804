import { readdir, rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { CatalogRow, Store } from "../../src/store/types.ts";
import { bundleScript, startBundled } from "../support/script.ts";
import { tempFolder } from "../support/temp-folder.ts";

const script = path.join(import.meta.dirname, "scripts/replace-index.ts");

const oldEntry = Buffer.from(JSON.stringify({ namespace: "old", type: "script", versions: {} }));
const oldRow: CatalogRow = {
  summary: {
    namespace: "old",
    type: "script",
    version: "1.0.0",
    name: "Old",
    author: "a",
    description: "d",
    published_at: "2026-01-02T03:04:05Z",
    versions: 1,
  },
  start: 0,
  length: oldEntry.length,
};

const withStore = async <T>(file: string, work: (store: Store) => Promise<T>): Promise<T> => {
  const store = await openSqliteStore(file);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
};

const withOldIndex = (file: string) =>
  withStore(file, async (store) => {
    const registry = await store.registries.create({ name: "r", provider: "local", path: "/r" }, 1);
    const meta = { generated_at: "2026-01-02T03:04:05Z", refreshed: 1, plugins: 1 };
    await store.catalog.replace(registry.id, registry.updated, meta, oldEntry, [oldRow]);
    return registry;
  });

const integrityOf = (file: string): string => {
  const db = new DatabaseSync(file, { readOnly: true });
  onTestFinished(() => db.close());
  return (db.prepare("PRAGMA integrity_check").get() as { integrity_check: string }).integrity_check;
};

const catalogFiles = async (file: string) => (await readdir(`${file}-catalog`)).sort();

test("a server that is killed while it writes an index leaves the old one intact, and the next server removes the rest", async () => {
  const bundle = await bundleScript(script);
  for (const stopAt of [0, 700, 2999, 3000]) {
    const file = path.join(await tempFolder(), "hitagi.db");
    const { id, updated } = await withOldIndex(file);
    const replacing = startBundled(bundle, [file, id, `${updated}`, `${stopAt}`, "3000"]);
    expect(await replacing.line()).toBe("stopped");
    await replacing.kill();

    expect(await catalogFiles(file)).toContain("2.rows");
    await withStore(file, async (store) => {
      expect(await store.catalog.summaries(id)).toEqual([oldRow.summary]);
      expect(await store.catalog.meta(id)).toMatchObject({ plugins: 1, refreshed: 1 });
      expect(await store.catalog.entry(id, "old")).toMatchObject({ namespace: "old" });
      expect(await store.catalog.entry(id, "new-1")).toBeUndefined();
      await vi.waitFor(async () => expect(await catalogFiles(file)).toEqual(["1.json", "1.rows"]));
    });
    expect(integrityOf(file)).toBe("ok");
  }
});

/** Takes the note that the index is on the disk away, as a power cut may. */
const forgetSynced = (file: string): void => {
  const db = new DatabaseSync(file);
  db.exec("UPDATE catalog_indexes SET synced = 0");
  db.close();
};

test.each<[string, boolean, (file: string) => Promise<void>]>([
  ["whole", true, async () => {}],
  ["short", false, (file) => truncate(`${file}-catalog/1.json`, 9)],
  ["zeros", false, (file) => writeFile(`${file}-catalog/1.json`, Buffer.alloc(oldEntry.length))],
  ["without rows", false, (file) => rm(`${file}-catalog/1.rows`)],
])("an index that a power cut left %s is kept: %s", async (_, kept, cut) => {
  const file = path.join(await tempFolder(), "hitagi.db");
  const { id } = await withOldIndex(file);
  await cut(file);
  forgetSynced(file);
  await withStore(file, async (store) => {
    expect(await store.registries.get(id)).toMatchObject({ name: "r" });
    expect(await store.catalog.summaries(id)).toEqual(kept ? [oldRow.summary] : []);
    expect((await store.catalog.meta(id))?.plugins).toBe(kept ? 1 : undefined);
  });
});

test("an index without its files counts as never fetched", async () => {
  const file = path.join(await tempFolder(), "hitagi.db");
  const { id } = await withOldIndex(file);
  await rm(`${file}-catalog`, { recursive: true });
  await withStore(file, async (store) => {
    expect(await store.catalog.meta(id)).toBeUndefined();
    expect((await store.registries.get(id))?.refreshed).toBeUndefined();
  });
});
