import { randomUUID } from "node:crypto";
import { HitagiError, type Namespace } from "@hitagi/contract";
import { isOwnPath } from "../contract/plugins.ts";
import type { RecordStream, StreamRecords } from "../contract/record-streams.ts";
import { onePage, readVersions } from "../record-streams.ts";
import type { PluginCommit, PluginRecord, PluginStore, StoredVersion, Topic } from "../types.ts";
import type { Connection } from "./connection.ts";
import { FOREIGN_FIELDS } from "./foreign-text.ts";
import { names, namespaceOf, PLUGIN_KEYS, SERVER } from "./names.ts";
import {
  IS_OWN,
  isShared,
  PATH_OF,
  type PluginReply,
  RECORDED,
  toHashes,
  toRecord,
  toVersions,
  toWirePath,
  updateFields,
  wireText,
} from "./plugin-record.ts";
import { unlessWrongType } from "./records.ts";
import { isWrongType } from "./redis-error.ts";
import { createReferenceIndex, referencesOf, versionReference } from "./reference-index.ts";
import { type Args, type Keys, LOG_CHANGE, SET_FIELDS, script, toMap } from "./script.ts";

const GET = script(`${FOREIGN_FIELDS} ${PATH_OF}
  local function pluginFields(theirs, versions)
    local found, path, sha256 = fields(theirs)
    if type(found) ~= 'table' then return found end
    for i = 1, #found, 2 do
      if found[i] == 'installed_path' then path = found[i + 1]
      elseif found[i] == 'installed_sha256' then sha256 = found[i + 1] end
    end
    for i = 2, #found, 2 do
      if found[i - 1] == 'installed_path' then found[i] = pathFrom(path, sha256, versions)
      else found[i] = fromLatin1(found[i]) end
    end
    return found
  end
  local records = {}
  for n, theirs in ipairs(key.theirs) do records[n] = {pluginFields(theirs, key.versions[n]), fields(key.ours[n])} end
  return records
`);
/** Records that one script reads; it blocks all other clients. */
const READ_AT_ONCE = 200;

/**
 * Commits of several plugins: all are checked before the first one is written. Their keys and arguments end with their number. A commit
 * whose answer was lost runs again, and knows itself by its id. Without a sha256 it removes the plugin. LANraragi runs the old code of a
 * Perl plugin until it is restarted, and asks for that.
 */
const COMMIT = script(`${LOG_CHANGE} ${RECORDED} ${SET_FIELDS}
  local function numbered(all, n)
    local found = {}
    for name, value in pairs(all) do
      local base, number = string.match(name, '^(%a+)(%d+)$')
      if tonumber(number) == n then found[base] = value end
    end
    return found
  end
  local provenance = {'installed_path', 'installed_version', 'installed_registry', 'installed_sha256'}
  local function removeProvenance(hash) redis.call('HDEL', hash, unpack(provenance)) end
  local function copyFlags(from, to)
    for _, flag in ipairs({'enabled', 'hidden', 'priority'}) do
      local value = redis.call('HGET', from, flag)
      if value then redis.call('HSET', to, flag, value) end
    end
  end
  local function refusal(key, arg)
    local tokens = #key.locks > 0 and redis.call('MGET', unpack(key.locks)) or {}
    for n, lock in ipairs(key.locks) do
      if tokens[n] ~= arg.tokens[n] then return lock end
    end
    if recorded(key.theirs, key.ours) ~= arg.expect then return 'changed' end
    if key.mustExist and redis.call('EXISTS', key.mustExist) == 0 then return 'no registry' end
  end
  local function remove(key, arg)
    if not isOwn(key.ours) then
      local type = redis.call('HGET', key.theirs, 'type')
      if type then redis.call('HSET', key.ours, 'type', type) end
      removeProvenance(key.theirs)
      redis.call('HDEL', key.theirs, 'type')
    end
    removeProvenance(key.ours)
    redis.call('HDEL', key.ours, 'granted')
    if arg.drops then
      local type = redis.call('HGET', key.ours, 'type')
      redis.call('DEL', key.theirs, key.ours)
      if type then redis.call('HSET', key.ours, 'type', type) end
    end
  end
  local function install(key, arg)
    if not arg.own and string.sub(arg.path, -3) == '.pm' then
      local before = redis.call('HGET', key.theirs, 'installed_sha256')
      if before and before ~= arg.hash then redis.pcall('HSET', key.server, 'restart_pending', '1') end
    end
    local place = arg.own and key.ours or key.theirs
    if arg.own and not isOwn(key.ours) then
      if arg.expect ~= '' then copyFlags(key.theirs, key.ours) end
      removeProvenance(key.theirs)
    end
    local order = redis.call('HINCRBY', '${names.counts}', 'version', 1)
    local installed = {'installed_path', arg.path, 'installed_version', arg.version, 'installed_sha256', arg.hash, 'type', arg.type}
    if arg.registry then
      installed[#installed + 1] = 'installed_registry'
      installed[#installed + 1] = arg.registry
    else redis.call('HDEL', place, 'installed_registry') end
    redis.call('HSET', place, unpack(installed))
    redis.call('HSET', key.ours, 'type', arg.type, 'granted', arg.granted, 'commit', arg.id)
    redis.call('HSET', key.versions, arg.hash, order .. ' ' .. arg.kept)
    redis.call('ZREM', '${names.pendingArtifacts}', arg.hash)
    local references = {}
    for n, reference in ipairs(arg.references) do references[2 * n - 1], references[2 * n] = 0, reference end
    redis.call('ZADD', '${names.references}', unpack(references))
  end
  local function write(key, arg)
    local leftOrder = arg.left and string.match(redis.call('HGET', key.versions, arg.expect) or '', '^%d+')
    if leftOrder then redis.call('HSET', key.versions, arg.expect, leftOrder .. ' ' .. arg.left) end
    local ended = {'quarantine_reason', 'quarantine_since', 'quarantine_cause'}
    if arg.hash then
      install(key, arg)
      if not arg.own then for _, field in ipairs(provenance) do ended[#ended + 1] = field end end
    elseif redis.call('EXISTS', key.theirs, key.ours) == 0 then return
    else
      remove(key, arg)
      redis.call('HSET', key.ours, 'commit', arg.id)
    end
    redis.call('HDEL', key.ours, unpack(ended))
    setFields(key.ours, arg.updates, arg.updatesRemoved)
    logChange(arg.topic)
  end
  local keys, args = {}, {}
  for n = 1, tonumber(arg.count) do keys[n], args[n] = numbered(key, n), numbered(arg, n) end
  if redis.call('HGET', keys[1].ours, 'commit') == args[1].id then return {'done', 0} end
  for n = 1, #keys do
    local refused = refusal(keys[n], args[n])
    if refused then return {refused, n} end
  end
  for n = 1, #keys do write(keys[n], args[n]) end
  return {'done', 0}
`);

const REGISTER = script(`${LOG_CHANGE} ${IS_OWN}
  if isOwn(key.ours) then return end
  if arg.path and redis.call('HEXISTS', key.theirs, 'installed_sha256') == 0 then
    redis.call('HSET', key.theirs, 'installed_path', arg.path)
  end
  if redis.call('HEXISTS', key.theirs, 'type') == 1 then return end
  local type = redis.call('HGET', key.ours, 'type') or arg.type
  redis.call('HSET', key.theirs, 'type', type)
  redis.call('HSET', key.ours, 'type', type)
  logChange(arg.topic)
`);

/** The builtins that LANraragi has too. It keeps the type of their records, and removes that of a plugin that it does not know. */
const LANRARAGI_BUILTINS: ReadonlySet<string> = new Set(["copytags", "copy-archive-tags"]);

/** Writes into a record that exists. As in LANraragi, flags of a plugin that it knows need a type in its hash. */
const CHANGE = script(`${LOG_CHANGE} ${SET_FIELDS} ${IS_OWN}
  if redis.call('EXISTS', key.theirs, key.ours) == 0 then return 0 end
  local isKnown = arg.isBuiltin or redis.call('HEXISTS', key.theirs, 'installed_sha256') == 1
  if #arg.flags > 0 and not isOwn(key.ours) and isKnown and redis.call('HEXISTS', key.theirs, 'type') == 0 then return 2 end
  setFields(isOwn(key.ours) and key.ours or key.theirs, arg.flags, {})
  if not isOwn(key.ours) then setFields(key.theirs, arg.theirs, arg.theirsRemoved) end
  setFields(key.ours, arg.ours, arg.oursRemoved)
  logChange(arg.topic)
  return 1
`);

const QUARANTINE = script(`${LOG_CHANGE} ${IS_OWN}
  if redis.call('EXISTS', key.theirs, key.ours) == 0 then return end
  local sha256 = redis.call('HGET', isOwn(key.ours) and key.ours or key.theirs, 'installed_sha256')
  if sha256 and arg.sha256 and sha256 ~= arg.sha256 then return end
  if arg.reason then redis.call('HSET', key.ours, 'quarantine_reason', arg.reason, 'quarantine_since', arg.since)
  else redis.call('HDEL', key.ours, 'quarantine_reason', 'quarantine_since') end
  if arg.cause then redis.call('HSET', key.ours, 'quarantine_cause', arg.cause)
  else redis.call('HDEL', key.ours, 'quarantine_cause') end
  logChange(arg.topic)
`);

/** Changes of LANraragi's hash and of ours; null removes a field. Flags are in the hash that has the provenance. */
interface FieldChanges {
  flags?: Record<string, string>;
  theirs?: Record<string, string | null>;
  ours?: Record<string, string | null>;
}

const pairsOf = (fields: Record<string, string | null> = {}) => {
  const entries = Object.entries(fields);
  return {
    pairs: entries.flatMap(([name, value]) => (value === null ? [] : [name, value])),
    removed: entries.flatMap(([name, value]) => (value === null ? [name] : [])),
  };
};

/** The changes that set values; null goes back to the default. Our hash keeps a value as JSON, and so with its type. */
const settingChanges = (
  values: Parameters<PluginStore["set"]>[1],
  secrets: Record<string, string>,
): FieldChanges => {
  const sources = new Map(Object.entries(secrets));
  const theirs: [string, string | null][] = [];
  const ours: [string, string | null][] = [];
  for (const [name, value] of Object.entries(values)) {
    const source = value === null ? undefined : sources.get(name);
    ours.push([`set:${name}`, value === null ? null : JSON.stringify(value)]);
    ours.push([`secret:${name}`, source ?? null]);
    const shared = value !== null && source === undefined;
    if (isShared(name, false)) theirs.push([name, shared ? wireText(value) : null]);
  }
  return { theirs: Object.fromEntries(theirs), ours: Object.fromEntries(ours) };
};

const notFound = (namespace: Namespace) => new HitagiError("PLUGIN_NOT_FOUND", { namespace });
const topicOf = (namespace: Namespace): Topic => `plugin:${namespace}`;
const keysOf = (namespace: Namespace) => ({
  theirs: names.plugin(namespace),
  ours: names.ourPlugin(namespace),
});

const commitKeys = ({ namespace, after, under = [] }: PluginCommit): Keys => ({
  ...keysOf(namespace),
  versions: names.versions(namespace),
  server: SERVER,
  mustExist: after?.orphan ? null : after?.provenance.registry,
  locks: under.map(({ key }) => names.lock(key)),
});

/** @param before the version that is left, as it is kept */
const commitArgs = (
  id: string,
  { namespace, expect = "", after, left, updates = {}, dropsSettings, under = [], now }: PluginCommit,
  before: StoredVersion | undefined,
): Args => {
  const tokens = under.map(({ token }) => token);
  const { pairs, removed } = pairsOf(updateFields(updates));
  const common = {
    ...{ id, expect, topic: topicOf(namespace), tokens },
    left: before && left && JSON.stringify({ ...before, left }),
    ...{ updates: pairs, updatesRemoved: removed },
  };
  if (!after) return { ...common, drops: dropsSettings };
  const { granted, provenance } = after;
  const { path, version, registry, sha256, type } = provenance;
  const kept: StoredVersion = { version, sha256, registry, installed: Math.floor(now), path, type, granted };
  return {
    ...common,
    ...{ own: isOwnPath(path), path: toWirePath(path), version, registry, hash: sha256, type },
    granted: JSON.stringify(granted),
    kept: JSON.stringify(kept),
    references: referencesOf(namespace, provenance),
  };
};

/** Names that end with the number of their commit. */
const numbered = <T extends Keys | Args>(parts: readonly T[]): T =>
  Object.fromEntries(
    parts.flatMap((part, n) => Object.entries(part).map(([name, value]) => [`${name}${n + 1}`, value])),
  ) as T;

/** @throws HitagiError PLUGIN_CHANGED, REGISTRY_NOT_FOUND, LOCK_LOST if the script's answer says so */
const refuse = (answer: unknown, { namespace, after, under = [] }: PluginCommit): void => {
  if (answer === "done") return;
  if (answer === "changed") throw new HitagiError("PLUGIN_CHANGED", { namespace });
  if (answer === "no registry") {
    throw new HitagiError("REGISTRY_NOT_FOUND", { id: after?.provenance.registry ?? "" });
  }
  const lost = under.find(({ key }) => names.lock(key) === answer);
  throw new HitagiError("LOCK_LOST", { what: lost?.key ?? namespace });
};

/** The plugin records of a Redis. LANraragi's own hash holds what both programs use, and a hash of ours the rest. */
export const createPluginStore = (connection: Connection, bytesElsewhere = false): PluginStore => {
  const read = async (namespaces: readonly Namespace[]): Promise<PluginRecord[]> => {
    const keys = {
      theirs: namespaces.map(names.plugin),
      ours: namespaces.map(names.ourPlugin),
      versions: namespaces.map(names.versions),
    };
    const replies = await connection.run<PluginReply[]>(GET, keys);
    return namespaces.flatMap(
      (namespace, n) => toRecord(connection.bad, namespace, replies[n] ?? [[], []]) ?? [],
    );
  };
  const change = async (namespace: Namespace, changes: FieldChanges): Promise<void> => {
    const [theirs, ours] = [pairsOf(changes.theirs), pairsOf(changes.ours)];
    const changed = await connection.run(CHANGE, keysOf(namespace), {
      topic: topicOf(namespace),
      isBuiltin: LANRARAGI_BUILTINS.has(namespace),
      flags: pairsOf(changes.flags).pairs,
      ...{ theirs: theirs.pairs, theirsRemoved: theirs.removed },
      ...{ ours: ours.pairs, oursRemoved: ours.removed },
    });
    if (changed === 0) throw notFound(namespace);
    if (changed === 2) throw new HitagiError("PLUGIN_RECORD_BROKEN", { namespace });
  };

  const versions = async (namespace: Namespace): Promise<StoredVersion[]> => {
    const key = names.versions(namespace);
    const stored = await unlessWrongType<unknown>(connection, { [key]: "hash" }, [], () =>
      connection.command("HGETALL", key),
    );
    return toVersions(connection.bad, namespace, toMap(stored));
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
    commit: async (...changes) => {
      const id = randomUUID();
      const args = changes.map(async (change) => {
        const { namespace, expect, left } = change;
        const kept = left && expect ? await versions(namespace) : [];
        return commitArgs(
          id,
          change,
          kept.find(({ sha256 }) => sha256 === expect),
        );
      });
      const [answer, n] = (await connection.runIdempotent(COMMIT, numbered(changes.map(commitKeys)), {
        ...numbered(await Promise.all(args)),
        count: changes.length,
      })) as [unknown, number];
      const refused = changes[n - 1];
      if (refused) refuse(answer, refused);
    },
    register: async (namespace, type, path) => {
      const args = { type, topic: topicOf(namespace), ...(path && { path: toWirePath(path) }) };
      const registered = connection.run(REGISTER, keysOf(namespace), args);
      // A key of another type stays; the reading of the record notes it.
      await registered.catch((e: unknown) => {
        if (!isWrongType(e)) throw e;
      });
    },
    configure: (namespace, { enabled, hidden, priority }) =>
      change(namespace, {
        flags: {
          ...(enabled !== undefined && { enabled: wireText(enabled) }),
          ...(hidden !== undefined && { hidden: wireText(hidden) }),
          ...(priority !== undefined && { priority: wireText(priority) }),
        },
      }),
    set: (namespace, values, secrets = {}) => change(namespace, settingChanges(values, secrets)),
    changeUpdates: (namespace, updates) => change(namespace, { ours: updateFields(updates) }),
    grant: (namespace, granted) => change(namespace, { ours: { granted: JSON.stringify(granted) } }),
    quarantine: async (namespace, state, sha256) => {
      const { reason, since, cause } = state ?? {};
      const args = { topic: topicOf(namespace), sha256, reason, since, cause };
      await connection.run(QUARANTINE, keysOf(namespace), args);
    },
    versions,
    ...createReferenceIndex(connection, bytesElsewhere),
  };
};

const PUT_PLUGIN = script(`${LOG_CHANGE} ${SET_FIELDS}
  redis.call('DEL', key.theirs, key.ours)
  for _, reference in ipairs(arg.references) do redis.call('ZADD', '${names.references}', 0, reference) end
  setFields(key.theirs, arg.theirs, {})
  setFields(key.ours, arg.ours, {})
  logChange('plugin:' .. arg.namespace)
`);

export const pluginStream = (
  connection: Connection,
  { list }: PluginStore,
): RecordStream<StreamRecords["plugins"]> => ({
  pages: onePage(list),
  async put(records) {
    for (const record of records) {
      const { namespace, provenance } = record;
      const { hash, ours } = toHashes(record);
      await connection.run(PUT_PLUGIN, keysOf(namespace), {
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
  plugins: PluginStore,
): RecordStream<StreamRecords["versions"]> => ({
  pages: onePage(readVersions({ plugins })),
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
