import type { RecordKind, StorePort } from "../../contract/record-streams.ts";
import { indexStream } from "../../record-streams.ts";
import type { Store } from "../../types.ts";
import { CHANGED } from "../changed.ts";
import { type Connection, script } from "../connection.ts";
import {
  CONFIG,
  DOCUMENT_KEYS,
  isLiving,
  LANRARAGI_PLUGIN_KEYS,
  names,
  namespaceOf,
  OUR_KEYS,
  REGISTRY_KEYS,
} from "../names.ts";
import { toMap } from "../reply.ts";
import { archiveStream, cacheStream, knownStream } from "./archives.ts";
import { externalFieldStream } from "./external.ts";
import { batchStream, jobStream } from "./jobs.ts";
import { originalStream } from "./originals.ts";
import { pluginStream, versionStream } from "./plugins.ts";
import { registryIdStream, registryStream } from "./registries.ts";
import { counterStream, historyStream, keyStream } from "./rest.ts";

/** Keys that one command removes. */
const AT_ONCE = 500;

const PATTERNS = [REGISTRY_KEYS, LANRARAGI_PLUGIN_KEYS, DOCUMENT_KEYS, OUR_KEYS];

/** ARGV: what is changed. */
const TELL = script(`${CHANGED} for i = 1, #ARGV do changed(ARGV[i]) end`);

/** What a node that wakes up must look at again where these keys went. */
const topicsOf = (keys: readonly string[]): string[] => [
  ...new Set(
    keys.flatMap((key) => {
      const namespace = namespaceOf(key);
      if (namespace !== undefined) return `plugin:${namespace}`;
      return /^REG_\d{10}$/.test(key) ? `registry:${key}` : [];
    }),
  ),
  "keys",
];

/** The keys that hold what is remembered. */
const contents = async (connection: Connection): Promise<string[]> => {
  const found = await Promise.all(PATTERNS.map((pattern) => connection.scan(pattern)));
  return found.flat().filter((key) => !isLiving(key));
};

const createMark = (connection: Connection): Pick<StorePort, "mark" | "setMark"> => ({
  async mark() {
    const fields = toMap(await connection.command("HGETALL", names.transfer));
    const [source, kind] = [fields.get("source"), fields.get("kind")];
    if (source === undefined) return undefined;
    return { source, kind: kind as RecordKind, position: fields.get("position") || undefined };
  },
  async setMark(mark) {
    if (!mark) return void (await connection.command("DEL", names.transfer));
    const { source, kind, position = "" } = mark;
    await connection.command("HSET", names.transfer, "source", source, "kind", kind, "position", position);
  },
});

/** A Redis' side of a copy. */
export const createStorePort = (
  connection: Connection,
  store: Pick<Store, "registries" | "catalog" | "plugins" | "keys">,
): StorePort => ({
  kinds: {
    registryIds: registryIdStream(connection),
    registries: registryStream(connection, store),
    indexes: indexStream(store),
    originals: originalStream(connection, store),
    plugins: pluginStream(connection, store),
    versions: versionStream(connection, store),
    jobs: jobStream(connection),
    batches: batchStream(connection),
    archives: archiveStream(connection),
    known: knownStream(connection),
    keys: keyStream(connection, store),
    history: historyStream(connection),
    cache: cacheStream(connection),
    foreign: externalFieldStream(connection, store),
    counters: counterStream(connection),
  },
  async first() {
    const [first] = await contents(connection);
    if (first !== undefined) return first;
    return (await connection.command("HGET", CONFIG, "ougi")) ? `${CONFIG} ougi` : undefined;
  },
  async clear() {
    const keys = await contents(connection);
    for (let at = 0; at < keys.length; at += AT_ONCE) {
      await connection.command("UNLINK", ...keys.slice(at, at + AT_ONCE));
    }
    await connection.run(TELL, [], topicsOf(keys));
    await connection.command("HDEL", CONFIG, "ougi");
    await connection.command("HDEL", names.counts, "job", "history");
  },
  ...createMark(connection),
});
