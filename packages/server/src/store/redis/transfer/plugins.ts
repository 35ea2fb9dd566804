import type { Passage, TransferRecords } from "../../contract/transfer.ts";
import { onePage, readVersions } from "../../transfer/small-kinds.ts";
import type { Store } from "../../types.ts";
import { CHANGED } from "../changed.ts";
import { type Connection, script } from "../connection.ts";
import { names } from "../names.ts";
import { toHashes } from "../plugin-record.ts";

/** KEYS: both hashes. ARGV: the namespace, how many values of LANraragi's follow, these, then those of ours. */
const PUT = script(`${CHANGED}
  redis.call('DEL', KEYS[1], KEYS[2])
  local last = 2 + tonumber(ARGV[2])
  for i = 3, last, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
  for i = last + 1, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
  changed('plugin:' .. ARGV[1])
`);

export const pluginPassage = (
  connection: Connection,
  { plugins }: Pick<Store, "plugins">,
): Passage<TransferRecords["plugins"]> => ({
  pages: onePage(() => plugins.list()),
  async put(records) {
    for (const record of records) {
      const { hash, ours } = toHashes(record);
      const keys = [names.plugin(record.namespace), names.ourPlugin(record.namespace)];
      await connection.run(PUT, keys, [
        record.namespace,
        2 * hash.size,
        ...[...hash].flat(),
        ...[...ours].flat(),
      ]);
    }
  },
});

/** KEYS: the versions, the counts. ARGV: the sha256, the version. One that is there keeps its place. */
const KEEP = script(`
  local there = redis.call('HGET', KEYS[1], ARGV[1])
  local order = there and string.match(there, '^%d+') or redis.call('HINCRBY', KEYS[2], 'version', 1)
  redis.call('HSET', KEYS[1], ARGV[1], order .. ' ' .. ARGV[2])
`);

export const versionPassage = (
  connection: Connection,
  store: Pick<Store, "plugins">,
): Passage<TransferRecords["versions"]> => ({
  pages: onePage(readVersions(store)),
  async put(records) {
    for (const { namespace, ...version } of records) {
      const keys = [names.versions(namespace), names.counts];
      await connection.run(KEEP, keys, [version.sha256, JSON.stringify(version)]);
    }
  },
});
