import type { RecordKind, RecordStream, StorePort, StreamRecords } from "../contract/record-streams.ts";
import { indexStream, onePage, seenVersionStream } from "../record-streams.ts";
import type { Store } from "../types.ts";
import { archiveStream, seenArchiveStream } from "./archives.ts";
import { batchStream } from "./batches.ts";
import { cacheStream } from "./cache.ts";
import { categoryStream } from "./categories.ts";
import type { Connection } from "./connection.ts";
import { documentStream } from "./documents.ts";
import { externalFieldStream, externalIndexStream } from "./external.ts";
import { historyStream } from "./history.ts";
import { jobStream } from "./jobs.ts";
import { keyStream } from "./keys.ts";
import {
  CONFIG,
  DOCUMENT_KEYS,
  isServerState,
  LANRARAGI_PLUGIN_KEYS,
  names,
  namespaceOf,
  OUR_KEYS,
  REGISTRY_KEYS,
} from "./names.ts";
import { pluginLogStream } from "./plugin-logs.ts";
import { pluginStream, versionStream } from "./plugins.ts";
import { registryIdStream, registryStream } from "./registries.ts";
import { LOG_CHANGE, script, toMap } from "./script.ts";
import { pinStream, trustStream } from "./trust.ts";

const UNLINK_AT_ONCE = 500;

const PATTERNS = [REGISTRY_KEYS, LANRARAGI_PLUGIN_KEYS, DOCUMENT_KEYS, OUR_KEYS];

const LOG_CHANGES = script(`${LOG_CHANGE} for _, topic in ipairs(arg.topics) do logChange(topic) end`);

/** What a suspended node must read again after these keys were removed. */
const topicsOf = (keys: readonly string[]): string[] => [
  ...new Set(
    keys.flatMap((key) => {
      const namespace = namespaceOf(key);
      if (namespace !== undefined) return `plugin:${namespace}`;
      return /^REG_\d{10}$/.test(key) ? `registry:${key}` : [];
    }),
  ),
  "keys",
  "documents",
];

const recordKeys = async (connection: Connection): Promise<string[]> => {
  const found = await Promise.all(PATTERNS.map((pattern) => connection.scan(pattern)));
  return found.flat().filter((key) => !isServerState(key));
};

const createMark = (connection: Connection): Pick<StorePort, "mark" | "setMark"> => ({
  async mark() {
    const fields = toMap(await connection.command("HGETALL", names.copyMark));
    const [source, kind] = [fields.get("source"), fields.get("kind")];
    if (source === undefined) return undefined;
    return { source, kind: kind as RecordKind, position: fields.get("position") || undefined };
  },
  async setMark(mark) {
    if (!mark) return void (await connection.command("DEL", names.copyMark));
    const { source, kind, position = "" } = mark;
    await connection.command("HSET", names.copyMark, "source", source, "kind", kind, "position", position);
  },
});

const counterStream = (connection: Connection): RecordStream<StreamRecords["counters"]> => ({
  pages: onePage(async () => {
    const counters = ["history", "job"] as const;
    const values = await connection.command<(string | null)[]>("HMGET", names.counts, ...counters);
    return counters.map((name, n) => ({ name, value: Number(values[n] ?? 0) }));
  }),
  async put(records) {
    for (const { name, value } of records) await connection.command("HSET", names.counts, name, value);
  },
});

export const createStorePort = (
  connection: Connection,
  store: Pick<Store, "registries" | "catalog" | "plugins" | "keys" | "seenVersions" | "trust" | "categories">,
): StorePort => ({
  kinds: {
    registryIds: registryIdStream(connection),
    registries: registryStream(connection, store.registries),
    indexes: indexStream(store),
    trust: trustStream(connection, store.trust),
    pins: pinStream(store.trust),
    seenVersions: seenVersionStream(store),
    originals: externalIndexStream(connection, store),
    plugins: pluginStream(connection, store.plugins),
    versions: versionStream(connection, store.plugins),
    jobs: jobStream(connection),
    batches: batchStream(connection),
    archives: archiveStream(connection),
    categories: categoryStream(connection, store.categories),
    documents: documentStream(connection),
    known: seenArchiveStream(connection),
    keys: keyStream(connection, store.keys),
    history: historyStream(connection),
    pluginLogs: pluginLogStream(connection),
    cache: cacheStream(connection),
    foreign: externalFieldStream(connection, store),
    counters: counterStream(connection),
  },
  async first() {
    const [first] = await recordKeys(connection);
    if (first !== undefined) return first;
    return (await connection.command("HGET", CONFIG, "ougi")) ? `${CONFIG} ougi` : undefined;
  },
  async clear() {
    const keys = await recordKeys(connection);
    for (let at = 0; at < keys.length; at += UNLINK_AT_ONCE) {
      await connection.command("UNLINK", ...keys.slice(at, at + UNLINK_AT_ONCE));
    }
    await connection.run(LOG_CHANGES, {}, { topics: topicsOf(keys) });
    await connection.command("HDEL", CONFIG, "ougi");
    await connection.command("HDEL", names.counts, "job", "history");
  },
  ...createMark(connection),
});
