import { type Namespace, toNamespace } from "@hitagi/contract";
import type { PluginStore, Provenance } from "../types.ts";
import type { Connection } from "./connection.ts";
import { LANRARAGI_PLUGIN_KEYS, names, namespaceOf } from "./names.ts";
import { PATH_OF, toWirePath } from "./plugin-record.ts";
import { CLOCK, script } from "./script.ts";

/**
 * A reverse index from hashes and paths to the records and kept versions that refer to them: a sorted set of
 * `<sha256 or path>\0<NAMESPACE>`. It may hold stale entries, so each hit is verified, and removed if it is stale. A script
 * therefore only ever adds references. Paths are LANraragi's, in small letters.
 */
const reference = (to: string, namespace: Namespace): string => `${to}\0${namespace.toUpperCase()}`;

/** The references of a plugin that is in place. */
export const referencesOf = (
  namespace: Namespace,
  { sha256, path }: Pick<Provenance, "sha256" | "path">,
): string[] => [sha256, toWirePath(path).toLowerCase()].map((to) => reference(to, namespace));

export const versionReference = (namespace: Namespace, sha256: string): string =>
  reference(sha256, namespace);

const PLUGIN = names.plugin("");
const OUR_PLUGIN = names.ourPlugin("");
const VERSIONS = names.versions("");

/** Lua: `isReferenced(sha256)` and `ownersOf(path)`. A key that is no hash is no record. */
export const REFERENCES = `${PATH_OF}
  local function field(namespace, name)
    local own = redis.pcall('HGET', '${OUR_PLUGIN}' .. namespace, name)
    if type(own) == 'string' then return own end
    local value = name == 'installed_path' and pathOf('${PLUGIN}' .. namespace, '${VERSIONS}' .. namespace)
      or redis.pcall('HGET', '${PLUGIN}' .. namespace, name)
    return type(value) == 'string' and value or ''
  end
  local function referrers(to, isTrue)
    local found = {}
    for _, one in ipairs(redis.call('ZRANGEBYLEX', '${names.references}', '[' .. to .. '\\0', '(' .. to .. '\\1')) do
      local namespace = string.sub(one, #to + 2)
      if isTrue(namespace) then found[#found + 1] = namespace
      else redis.call('ZREM', '${names.references}', one) end
    end
    return found
  end
  local function isReferenced(sha256)
    return #referrers(sha256, function(namespace)
      return redis.call('HEXISTS', '${VERSIONS}' .. namespace, sha256) == 1
        or field(namespace, 'installed_sha256') == sha256
    end) > 0
  end
  local function ownersOf(path)
    return referrers(path, function(namespace)
      return string.lower(field(namespace, 'installed_path')) == path
    end)
  end
`;

const REFERENCED = script(`${REFERENCES}
  local found = {}
  for _, sha256 in ipairs(arg.hashes) do
    if isReferenced(sha256) then found[#found + 1] = sha256 end
  end
  return found
`);

const OWNERS = script(`${REFERENCES} return ownersOf(arg.path)`);

const INDEX = script(`${REFERENCES}
  for _, namespace in ipairs(arg.namespaces) do
    local targets = redis.call('HKEYS', '${VERSIONS}' .. namespace)
    targets[#targets + 1] = field(namespace, 'installed_sha256')
    targets[#targets + 1] = string.lower(field(namespace, 'installed_path'))
    for _, to in ipairs(targets) do
      if to ~= '' then redis.call('ZADD', '${names.references}', 0, to .. '\\0' .. namespace) end
    end
  end
`);

/** Where servers share bytes elsewhere, no script can remove them; there they are noted as pending. */
const PRUNE = script(`${CLOCK} ${REFERENCES}
  if redis.call('HLEN', key.versions) <= tonumber(arg.keep) then return {} end
  local stored, versions, orphaned = redis.call('HGETALL', key.versions), {}, {}
  for i = 1, #stored, 2 do
    versions[#versions + 1] = {sha256 = stored[i], order = tonumber(string.match(stored[i + 1], '^%d+'))}
  end
  table.sort(versions, function(a, b) return a.order > b.order end)
  for i = arg.keep + 1, #versions do
    local sha256 = versions[i].sha256
    redis.call('HDEL', key.versions, sha256)
    local isInPlace = field(arg.namespace, 'installed_sha256') == sha256
    if not isInPlace then redis.call('ZREM', '${names.references}', sha256 .. '\\0' .. arg.namespace) end
    if not isInPlace and not isReferenced(sha256) then
      orphaned[#orphaned + 1] = sha256
      local isPending = redis.call('ZSCORE', '${names.pendingArtifacts}', sha256)
      if arg.bytesElsewhere then redis.call('ZADD', '${names.pendingArtifacts}', clock(), sha256)
      elseif not isPending then redis.call('DEL', '${names.artifact("")}' .. sha256) end
    end
  end
  return orphaned
`);

/** Namespaces that one script indexes; it blocks all other clients. */
const INDEX_AT_ONCE = 200;

/** All namespaces with a kept version or with a record of LANraragi's, in capitals. */
const allNamespaces = async (connection: Connection): Promise<string[]> => {
  const [versions, records] = await Promise.all([
    connection.scan(`${VERSIONS}*`),
    connection.scan(LANRARAGI_PLUGIN_KEYS),
  ]);
  const found = [
    ...versions.map((key) => key.slice(VERSIONS.length)),
    ...records.map((key) => namespaceOf(key) ?? ""),
  ];
  return [...new Set(found.map((namespace) => namespace.toUpperCase()))];
};

/** Adds the references of records that LANraragi wrote, or a Hitagi without this index; of all records by default. */
export const indexReferences = async (
  connection: Connection,
  namespaces?: readonly Namespace[],
): Promise<void> => {
  const all = namespaces?.map((one) => one.toUpperCase()) ?? (await allNamespaces(connection));
  for (let at = 0; at < all.length; at += INDEX_AT_ONCE) {
    await connection.run(INDEX, {}, { namespaces: all.slice(at, at + INDEX_AT_ONCE) });
  }
};

/** The part of a plugin store that finds plugins by a hash or a file. */
export const createReferenceIndex = (
  connection: Connection,
  bytesElsewhere: boolean,
): Pick<PluginStore, "named" | "ownersOf" | "prune" | "notice"> => ({
  named: async (hashes) =>
    new Set(hashes.length === 0 ? [] : ((await connection.run(REFERENCED, {}, { hashes })) as string[])),
  ownersOf: async (path) => {
    const owners = await connection.run(OWNERS, {}, { path: toWirePath(path).toLowerCase() });
    return (owners as string[]).map(toNamespace);
  },
  prune: async (namespace, keep) => {
    const args = { namespace: namespace.toUpperCase(), keep, bytesElsewhere };
    return connection.run<string[]>(PRUNE, { versions: names.versions(namespace) }, args);
  },
  notice: (namespaces) => indexReferences(connection, namespaces),
});
