import type { RecordStream, StreamRecords } from "../../contract/record-streams.ts";
import { onePage, readVersions } from "../../record-streams.ts";
import type { Store } from "../../types.ts";
import { LOG_CHANGE } from "../change-log.ts";
import type { Connection } from "../connection.ts";
import { names } from "../names.ts";
import { toHashes } from "../plugin-record.ts";
import { referencesOf, versionReference } from "../reference-index.ts";
import { SET_FIELDS, script } from "../script.ts";

const PUT = script(`${LOG_CHANGE} ${SET_FIELDS}
  redis.call('DEL', key.theirs, key.ours)
  for _, reference in ipairs(arg.references) do redis.call('ZADD', '${names.references}', 0, reference) end
  setFields(key.theirs, arg.theirs, {})
  setFields(key.ours, arg.ours, {})
  logChange('plugin:' .. arg.namespace)
`);

export const pluginStream = (
  connection: Connection,
  { plugins }: Pick<Store, "plugins">,
): RecordStream<StreamRecords["plugins"]> => ({
  pages: onePage(() => plugins.list()),
  async put(records) {
    for (const record of records) {
      const { namespace, provenance } = record;
      const { hash, ours } = toHashes(record);
      const keys = { theirs: names.plugin(namespace), ours: names.ourPlugin(namespace) };
      await connection.run(PUT, keys, {
        namespace,
        references: provenance ? referencesOf(namespace, provenance) : [],
        theirs: [...hash].flat(),
        ours: [...ours].flat(),
      });
    }
  },
});

/** A version that exists keeps its place. */
const PUT_VERSION = script(`
  local stored = redis.call('HGET', key.versions, arg.sha256)
  local order = stored and string.match(stored, '^%d+') or redis.call('HINCRBY', '${names.counts}', 'version', 1)
  redis.call('HSET', key.versions, arg.sha256, order .. ' ' .. arg.version)
  redis.call('ZADD', '${names.references}', 0, arg.reference)
`);

export const versionStream = (
  connection: Connection,
  store: Pick<Store, "plugins">,
): RecordStream<StreamRecords["versions"]> => ({
  pages: onePage(readVersions(store)),
  async put(records) {
    for (const { namespace, ...version } of records) {
      const { sha256 } = version;
      const args = {
        sha256,
        version: JSON.stringify(version),
        reference: versionReference(namespace, sha256),
      };
      await connection.run(PUT_VERSION, { versions: names.versions(namespace) }, args);
    }
  },
});
