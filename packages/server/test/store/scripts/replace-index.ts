/**
 * Replaces a registry's index in a database and stops for ever at one row, so that it can be killed there.
 * Arguments: the database, the registry's id and `updated`, the row, and the number of rows.
 */
import { writeSync } from "node:fs";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { CatalogRow } from "../../../src/store/types.ts";

const [file = "", id = "", updated, stopAt, count] = process.argv.slice(2);

const stopForEver = (): void => {
  writeSync(1, "stopped\n");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};

const rows = function* (): Generator<CatalogRow> {
  for (let i = 0; i < Number(count); i += 1) {
    if (i === Number(stopAt)) stopForEver();
    const namespace = `new-${i}`;
    const published_at = "2026-01-02T03:04:05Z";
    const about = { name: namespace, author: "a", description: "d".repeat(2000), published_at };
    const summary = { namespace, type: "script" as const, version: "2.0.0", versions: 1, ...about };
    yield { summary, entry: JSON.stringify(summary) };
  }
  if (Number(stopAt) >= Number(count)) stopForEver();
};

const store = await openSqliteStore(file);
const meta = { generated_at: "2026-01-02T03:04:05Z", refreshed: 2, plugins: Number(count) };
await store.catalog.replace(id, Number(updated), meta, rows());
