import type { RecordStream, StreamRecords } from "../../contract/record-streams.ts";
import { onePage, readVersions } from "../../record-streams.ts";
import type { Store } from "../../types.ts";
import { CHANGED } from "../changed.ts";
import { type Connection, script } from "../connection.ts";
import { names } from "../names.ts";
import { toHashes } from "../plugin-record.ts";
import { referencedBy, referencedByVersion } from "../reference-index.ts";

/**
 * KEYS: both hashes. ARGV: the namespace, what names its hash and its path or twice "", how many values of LANraragi's follow, these,
 * then those of ours.
 */
const PUT = script(`${CHANGED}
  redis.call('DEL', KEYS[1], KEYS[2])
  if ARGV[2] ~= '' then redis.call('ZADD', '${names.named}', 0, ARGV[2], 0, ARGV[3]) end
  local last = 4 + tonumber(ARGV[4])
  for i = 5, last, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
  for i = last + 1, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
  changed('plugin:' .. ARGV[1])
`);

export const pluginStream = (
  connection: Connection,
  { plugins }: Pick<Store, "plugins">,
): RecordStream<StreamRecords["plugins"]> => ({
  pages: onePage(() => plugins.list()),
  async put(records) {
    for (const record of records) {
      const { hash, ours } = toHashes(record);
      const keys = [names.plugin(record.namespace), names.ourPlugin(record.namespace)];
      await connection.run(PUT, keys, [
        record.namespace,
        ...(record.provenance ? referencedBy(record.namespace, record.provenance) : ["", ""]),
        2 * hash.size,
        ...[...hash].flat(),
        ...[...ours].flat(),
      ]);
    }
  },
});

/** KEYS: the versions, the counts. ARGV: the sha256, the version, what names it. One that is there keeps its place. */
const KEEP = script(`
  local there = redis.call('HGET', KEYS[1], ARGV[1])
  local order = there and string.match(there, '^%d+') or redis.call('HINCRBY', KEYS[2], 'version', 1)
  redis.call('HSET', KEYS[1], ARGV[1], order .. ' ' .. ARGV[2])
  redis.call('ZADD', '${names.named}', 0, ARGV[3])
`);

export const versionStream = (
  connection: Connection,
  store: Pick<Store, "plugins">,
): RecordStream<StreamRecords["versions"]> => ({
  pages: onePage(readVersions(store)),
  async put(records) {
    for (const { namespace, ...version } of records) {
      const keys = [names.versions(namespace), names.counts];
      const named = referencedByVersion(namespace, version.sha256);
      await connection.run(KEEP, keys, [version.sha256, JSON.stringify(version), named]);
    }
  },
});
