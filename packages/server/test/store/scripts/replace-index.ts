/**
 * Replaces a registry's index in a database and stops for ever while it writes one row, or before the new index
 * becomes the registry's, so that it can be killed there.
 * Arguments: the database, the registry's id and `updated`, the row, and the number of rows.
 */
import { writeSync } from "node:fs";
import { toNamespace } from "@hitagi/contract";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { CatalogRow, IndexMeta } from "../../../src/store/types.ts";

const [file = "", id = "", updated, stopAt, count] = process.argv.slice(2);

const stopForEver = (): void => {
  writeSync(1, "stopped\n");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};

const entry = Buffer.from(JSON.stringify({ pad: "d".repeat(2000) }));

const rows = Array.from({ length: Number(count) }, (_, i): CatalogRow => {
  const published_at = "2026-01-02T03:04:05Z";
  const about = { name: `new-${i}`, author: "a", description: "d", published_at };
  const summary = {
    namespace: toNamespace(`new-${i}`),
    type: "script" as const,
    version: "2.0.0",
    versions: 1,
    ...about,
  };
  const stops = { toJSON: () => (i === Number(stopAt) ? stopForEver() : summary) };
  return { summary: { ...summary, ...stops }, start: i * entry.length, length: entry.length };
});

const meta: IndexMeta = {
  get generated_at() {
    if (Number(stopAt) >= Number(count)) stopForEver();
    return "2026-01-02T03:04:05Z";
  },
  refreshed: 2,
  plugins: Number(count),
};

const store = await openSqliteStore(file);
const document = Buffer.concat(rows.map(() => entry));
await store.catalog.replace(id, Number(updated), meta, document, rows);
