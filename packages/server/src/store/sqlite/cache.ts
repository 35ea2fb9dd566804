import { Type } from "typebox";
import { recordCheck } from "../bad-records.ts";
import type { StreamRecords } from "../contract/record-streams.ts";
import type { PluginCacheStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import type { Table } from "./table.ts";

/** Entries that one namespace may hold. */
const MAX_ENTRIES = 1000;

/** The plugins' cache of a SQLite store. What expired in a namespace goes when something is set there. */
export const createPluginCacheStore = (connection: Connection, now: () => number): PluginCacheStore => {
  const find = connection.one<{ value: string }>(
    "SELECT value FROM plugin_cache WHERE namespace = ? AND key = ? AND expires > ?",
  );
  const put = connection.prepare(
    "INSERT OR REPLACE INTO plugin_cache (namespace, key, value, expires) VALUES (?, ?, ?, ?)",
  );
  const trim = connection.prepare(`DELETE FROM plugin_cache WHERE namespace = ?1 AND (expires <= ?2 OR seq <=
    (SELECT seq FROM plugin_cache WHERE namespace = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ${MAX_ENTRIES}))`);
  const clear = connection.change("DELETE FROM plugin_cache WHERE namespace = ?", "relaxed");

  return {
    get: async (namespace, key, now) => (await find(namespace.toLowerCase(), key, now))?.value,
    set: (namespace, key, value, expires) =>
      connection.write(() => {
        put.run(namespace.toLowerCase(), key, value, expires);
        trim.run(namespace.toLowerCase(), now());
      }, "relaxed"),
    clear: async (namespace) => void (await clear(namespace.toLowerCase())),
  };
};

const Entry = Type.Object({
  ...{ namespace: Type.String(), key: Type.String(), value: Type.String() },
  expires: Type.Number(),
});

export const cacheTable: Table<StreamRecords["cache"]> = {
  name: "plugin_cache",
  columns: "namespace, key, value, expires",
  key: "namespace, key",
  check: recordCheck(Entry),
  order: { namespace: "", seq: 0 },
};
