import { foreignPassage } from "../../../store-copy/redis-external.ts";
import { indexPassage } from "../../../store-copy/small-kinds.ts";
import type { TransferKind, TransferSide } from "../../contract/record-streams.ts";
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
import { archivePassage, cachePassage, knownPassage } from "./archives.ts";
import { batchPassage, jobPassage } from "./jobs.ts";
import { originalPassage } from "./originals.ts";
import { pluginPassage, versionPassage } from "./plugins.ts";
import { registryIdPassage, registryPassage } from "./registries.ts";
import { counterPassage, historyPassage, keyPassage } from "./rest.ts";

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

const createMark = (connection: Connection): Pick<TransferSide, "mark" | "setMark"> => ({
  async mark() {
    const fields = toMap(await connection.command("HGETALL", names.transfer));
    const [source, kind] = [fields.get("source"), fields.get("kind")];
    if (source === undefined) return undefined;
    return { source, kind: kind as TransferKind, position: fields.get("position") || undefined };
  },
  async setMark(mark) {
    if (!mark) return void (await connection.command("DEL", names.transfer));
    const { source, kind, position = "" } = mark;
    await connection.command("HSET", names.transfer, "source", source, "kind", kind, "position", position);
  },
});

/** A Redis' side of a copy. */
export const createTransferSide = (
  connection: Connection,
  store: Pick<Store, "registries" | "catalog" | "plugins" | "keys">,
): TransferSide => ({
  kinds: {
    registryIds: registryIdPassage(connection),
    registries: registryPassage(connection, store),
    indexes: indexPassage(store),
    originals: originalPassage(connection, store),
    plugins: pluginPassage(connection, store),
    versions: versionPassage(connection, store),
    jobs: jobPassage(connection),
    batches: batchPassage(connection),
    archives: archivePassage(connection),
    known: knownPassage(connection),
    keys: keyPassage(connection, store),
    history: historyPassage(connection),
    cache: cachePassage(connection),
    foreign: foreignPassage(connection, store),
    counters: counterPassage(connection),
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
