import { randomUUID } from "node:crypto";
import { HitagiError, type Namespace } from "@hitagi/contract";
import type { Lock, PluginCommit, PluginRecord, PluginStore, StoredVersion, Topic } from "../types.ts";
import { CHANGED } from "./changed.ts";
import { type Connection, script } from "./connection.ts";
import { names, namespaceOf, PLUGIN_KEYS } from "./names.ts";
import {
  isShared,
  type PluginReply,
  RECORDED,
  toRecord,
  toVersions,
  toWirePath,
  wireText,
} from "./plugin-record.ts";
import { createReferenceIndex, referencedBy } from "./reference-index.ts";

/** A key of another kind that has such a name is no record, and keeps no other record from being read. KEYS: both hashes of each. */
const GET = script(`
  local function fields(key)
    local found = redis.pcall('HGETALL', key)
    if not found.err then return found end
    return redis.call('TYPE', key).ok == 'hash' and redis.call('HGETALL', key) or {}
  end
  local records = {}
  for i = 1, #KEYS, 2 do records[#records + 1] = {fields(KEYS[i]), fields(KEYS[i + 1])} end
  return records
`);
/** Records that one script reads, which keeps all others waiting. */
const READ_AT_ONCE = 200;

/**
 * The commit. KEYS: both hashes, the versions, the counts, the registry, then the locks that it is made under.
 * ARGV: 1 its own id, 2 the sha256 that is expected, 3 what follows ("remove" or "install"), 4 whether the registry must
 * exist, 5 path, 6 version, 7 registry, 8 sha256, 9 type, 10 grants, 11 the version to keep, 12 and 13 what names the hash and the
 * path, 14 the topic; then the locks' tokens.
 * A commit whose answer was lost runs again, and knows itself by its id.
 */
const COMMIT = script(`${CHANGED} ${RECORDED}
  if redis.call('HGET', KEYS[2], 'commit') == ARGV[1] then return 'done' end
  for i = 6, #KEYS do
    if redis.call('GET', KEYS[i]) ~= ARGV[i + 9] then return KEYS[i] end
  end
  if recorded(KEYS[1], KEYS[2]) ~= ARGV[2] then return 'changed' end
  if ARGV[3] == 'remove' then
    if redis.call('EXISTS', KEYS[1], KEYS[2]) == 0 then return 'done' end
    local type = redis.call('HGET', KEYS[1], 'type')
    if type then redis.call('HSET', KEYS[2], 'type', type) end
    redis.call('HDEL', KEYS[1], 'installed_path', 'installed_version', 'installed_registry', 'installed_sha256', 'type')
    redis.call('HDEL', KEYS[2], 'granted')
  else
    if ARGV[4] == '1' and redis.call('EXISTS', KEYS[5]) == 0 then return 'no registry' end
    redis.call('HSET', KEYS[1], 'installed_path', ARGV[5], 'installed_version', ARGV[6], 'installed_sha256', ARGV[8],
      'type', ARGV[9], 'installed_registry', ARGV[7])
    if ARGV[7] == '' then redis.call('HDEL', KEYS[1], 'installed_registry') end
    redis.call('HSET', KEYS[2], 'type', ARGV[9], 'granted', ARGV[10])
    redis.call('HSET', KEYS[3], ARGV[8], redis.call('HINCRBY', KEYS[4], 'version', 1) .. ' ' .. ARGV[11])
    redis.call('ZREM', '${names.unrecorded}', ARGV[8])
    redis.call('ZADD', '${names.named}', 0, ARGV[12], 0, ARGV[13])
  end
  redis.call('HDEL', KEYS[2], 'quarantine_reason', 'quarantine_since')
  redis.call('HSET', KEYS[2], 'commit', ARGV[1])
  changed(ARGV[14])
  return 'done'
`);

const REGISTER = script(`${CHANGED}
  if redis.call('HEXISTS', KEYS[1], 'type') == 1 then return end
  local type = redis.call('HGET', KEYS[2], 'type') or ARGV[1]
  redis.call('HSET', KEYS[1], 'type', type)
  redis.call('HSET', KEYS[2], 'type', type)
  changed(ARGV[2])
`);

/**
 * Writes into a record that is there. ARGV: the topic, then for each field which hash (1 LANraragi's, 2 ours), "set" or
 * "remove", its name and its value.
 */
const CHANGE = script(`${CHANGED}
  if redis.call('EXISTS', KEYS[1], KEYS[2]) == 0 then return 0 end
  local i = 2
  while i <= #ARGV do
    local key = KEYS[tonumber(ARGV[i])]
    if ARGV[i + 1] == 'set' then redis.call('HSET', key, ARGV[i + 2], ARGV[i + 3])
    else redis.call('HDEL', key, ARGV[i + 2]) end
    i = i + 4
  end
  changed(ARGV[1])
  return 1
`);

/** ARGV: the topic, the version's sha256 or "", the reason and the time, or twice "" to lift it. */
const QUARANTINE = script(`${CHANGED}
  if redis.call('EXISTS', KEYS[1], KEYS[2]) == 0 then return end
  local sha256 = redis.call('HGET', KEYS[1], 'installed_sha256')
  if sha256 and ARGV[2] ~= '' and sha256 ~= ARGV[2] then return end
  if ARGV[3] == '' then redis.call('HDEL', KEYS[2], 'quarantine_reason', 'quarantine_since')
  else redis.call('HSET', KEYS[2], 'quarantine_reason', ARGV[3], 'quarantine_since', ARGV[4]) end
  changed(ARGV[1])
`);

/** One change of {@link CHANGE}: which hash (1 LANraragi's, 2 ours), what is done, the field, its value. */
type FieldChange = [hash: 1 | 2, how: "set" | "remove", field: string, value: string];

const put = (hash: 1 | 2, field: string, value: string): FieldChange => [hash, "set", field, value];
const drop = (hash: 1 | 2, field: string): FieldChange => [hash, "remove", field, ""];

/** What setting one value changes. The hash keeps no type of value, so ours keeps it as JSON. */
const settingChanges = (
  name: string,
  value: PluginRecord["settings"][string] | null,
  source: string | undefined,
): FieldChange[] => {
  const reserved = !isShared(name, false);
  const here = value === null ? drop(2, `set:${name}`) : put(2, `set:${name}`, JSON.stringify(value));
  const secret =
    value !== null && source !== undefined ? put(2, `secret:${name}`, source) : drop(2, `secret:${name}`);
  if (reserved) return [here, secret];
  const shared = value !== null && source === undefined;
  return [here, secret, shared ? put(1, name, wireText(value)) : drop(1, name)];
};

const notFound = (namespace: Namespace) => new HitagiError("PLUGIN_NOT_FOUND", { namespace });
const topicOf = (namespace: Namespace): Topic => `plugin:${namespace}`;
const keysOf = (namespace: Namespace): string[] => [names.plugin(namespace), names.ourPlugin(namespace)];

const commitArgs = ({ namespace, expect, after, now }: PluginCommit): string[] => {
  const begin = [randomUUID(), expect ?? ""];
  if (!after) return [...begin, "remove", ...Array.from({ length: 10 }, () => ""), topicOf(namespace)];
  const { path, version, registry, sha256, type } = after.provenance;
  const { granted } = after;
  const kept: StoredVersion = { version, sha256, registry, installed: Math.floor(now), path, type, granted };
  const mustExist = registry !== null && !after.orphan ? "1" : "";
  const written = [toWirePath(path), version, registry ?? "", sha256, type];
  const texts = [JSON.stringify(granted), JSON.stringify(kept)];
  const named = referencedBy(namespace, after.provenance);
  return [...begin, "install", mustExist, ...written, ...texts, ...named, topicOf(namespace)];
};

/** @throws HitagiError what a commit that was not made says */
const refuse = (answer: unknown, { namespace, after, under = [] }: PluginCommit): void => {
  if (answer === "done") return;
  if (answer === "changed") throw new HitagiError("PLUGIN_CHANGED", { namespace });
  if (answer === "no registry") {
    throw new HitagiError("REGISTRY_NOT_FOUND", { id: after?.provenance.registry ?? "" });
  }
  const lost = under.find(({ key }) => names.lock(key) === answer);
  throw new HitagiError("LOCK_LOST", { what: lost?.key ?? namespace });
};

const commitKeys = (
  namespace: Namespace,
  registry: string | null | undefined,
  under: readonly Lock[],
): string[] => [
  ...keysOf(namespace),
  names.versions(namespace),
  names.counts,
  registry || names.store,
  ...under.map(({ key }) => names.lock(key)),
];

/** The plugin records of a Redis: LANraragi's own, with what only Hitagi knows of them beside. */
export const createPluginStore = (connection: Connection, bytesElsewhere = false): PluginStore => {
  const read = async (namespaces: readonly Namespace[]): Promise<PluginRecord[]> => {
    const replies = (await connection.run(GET, namespaces.flatMap(keysOf))) as PluginReply[];
    return namespaces.flatMap((namespace, n) => toRecord(namespace, replies[n] ?? [[], []]) ?? []);
  };
  const changeOne = async (namespace: Namespace, changes: FieldChange[]): Promise<void> => {
    const args = [topicOf(namespace), ...changes.flat()];
    if ((await connection.run(CHANGE, keysOf(namespace), args)) === 0) throw notFound(namespace);
  };

  return {
    get: async (namespace) => (await read([namespace]))[0],
    list: async () => {
      const found = await connection.scan(PLUGIN_KEYS);
      const namespaces = [...new Set(found.flatMap((key) => namespaceOf(key) ?? []))].sort();
      const records: PluginRecord[] = [];
      for (let at = 0; at < namespaces.length; at += READ_AT_ONCE) {
        records.push(...(await read(namespaces.slice(at, at + READ_AT_ONCE))));
      }
      return records;
    },
    commit: async (wanted) => {
      const { namespace, after, under = [] } = wanted;
      const keys = commitKeys(namespace, after?.provenance.registry, under);
      const args = [...commitArgs(wanted), ...under.map(({ token }) => String(token))];
      refuse(await connection.runSurely(COMMIT, keys, args), wanted);
    },
    register: async (namespace, type) =>
      void (await connection.run(REGISTER, keysOf(namespace), [type, topicOf(namespace)])),
    configure: (namespace, { enabled, hidden, priority }) =>
      changeOne(namespace, [
        ...(enabled === undefined ? [] : [put(1, "enabled", wireText(enabled))]),
        ...(hidden === undefined ? [] : [put(1, "hidden", wireText(hidden))]),
        ...(priority === undefined ? [] : [put(1, "priority", wireText(priority))]),
      ]),
    set: (namespace, values, secrets = {}) => {
      const sources = new Map(Object.entries(secrets));
      const changes = Object.entries(values).flatMap(([name, value]) =>
        settingChanges(name, value, sources.get(name)),
      );
      return changeOne(namespace, changes);
    },
    grant: (namespace, granted) => changeOne(namespace, [put(2, "granted", JSON.stringify(granted))]),
    quarantine: async (namespace, state, of = "") => {
      const args = [topicOf(namespace), of, state?.reason ?? "", state?.since ?? ""];
      await connection.run(QUARANTINE, keysOf(namespace), args);
    },
    versions: async (namespace) =>
      toVersions((await connection.command("HVALS", names.versions(namespace))) as string[]),
    ...createReferenceIndex(connection, bytesElsewhere),
  };
};
