import path from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { CatalogRow, Store } from "../../src/store/types.ts";
import { bundleScript, startBundled } from "../support/script.ts";
import { tempFolder } from "../support/temp-folder.ts";

const script = path.join(import.meta.dirname, "scripts/replace-index.ts");

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
  entry: JSON.stringify({ namespace: "old", type: "script", versions: {} }),
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
    await store.catalog.replace(registry.id, registry.updated, meta, [oldRow]);
    return registry;
  });

const look = (file: string) => {
  const db = new DatabaseSync(file, { readOnly: true });
  onTestFinished(() => db.close());
  const generations = db.prepare("SELECT DISTINCT generation FROM catalog_entries");
  return {
    generations: () => generations.all().length,
    integrity: () =>
      (db.prepare("PRAGMA integrity_check").get() as { integrity_check: string }).integrity_check,
  };
};

test("a server killed while it writes an index leaves the old one whole, and the next removes the rest", async () => {
  const bundle = await bundleScript(script);
  for (const stopAt of [0, 700, 2999, 3000]) {
    const file = path.join(await tempFolder(), "hitagi.db");
    const { id, updated } = await withOldIndex(file);
    const replacing = startBundled(bundle, [file, id, `${updated}`, `${stopAt}`, "3000"]);
    expect(await replacing.line()).toBe("stopped");
    await replacing.kill();

    const database = look(file);
    expect(database.generations()).toBe(stopAt === 0 ? 1 : 2);
    await withStore(file, async (store) => {
      expect(await store.catalog.summaries(id)).toEqual([oldRow.summary]);
      expect(await store.catalog.meta(id)).toMatchObject({ plugins: 1, refreshed: 1 });
      expect(await store.catalog.entry(id, "new-1")).toBeUndefined();
      await vi.waitFor(() => expect(database.generations()).toBe(1), { timeout: 10_000 });
    });
    expect(database.integrity()).toBe("ok");
  }
});
