import type { PluginCacheStore } from "../types.ts";
import type { Connection } from "./connection.ts";

/** Entries that one namespace may hold. */
const MAX_ENTRIES = 1000;

/** The plugins' cache of a SQLite store. What expired in a namespace goes when something is set there. */
export const createPluginCacheStore = (connection: Connection, now: () => number): PluginCacheStore => {
  const find = connection.prepare(
    "SELECT value FROM plugin_cache WHERE namespace = ? AND key = ? AND expires > ?",
  );
  const put = connection.prepare(
    "INSERT OR REPLACE INTO plugin_cache (namespace, key, value, expires) VALUES (?, ?, ?, ?)",
  );
  const trim = connection.prepare(`DELETE FROM plugin_cache WHERE namespace = ?1 AND (expires <= ?2 OR seq <=
    (SELECT seq FROM plugin_cache WHERE namespace = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ${MAX_ENTRIES}))`);
  const clear = connection.prepare("DELETE FROM plugin_cache WHERE namespace = ?");

  return {
    get: (namespace, key, now) =>
      connection.read(
        () => (find.get(namespace.toLowerCase(), key, now) as { value: string } | undefined)?.value,
      ),
    set: (namespace, key, value, expires) =>
      connection.write(() => {
        put.run(namespace.toLowerCase(), key, value, expires);
        trim.run(namespace.toLowerCase(), now());
      }, "relaxed"),
    clear: (namespace) => connection.write(() => void clear.run(namespace.toLowerCase()), "relaxed"),
  };
};
