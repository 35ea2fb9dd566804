import { type Namespace, toNamespace } from "@hitagi/contract";
import type { Provenance } from "../types.ts";
import { CLOCK } from "./clock.ts";
import { type Connection, script } from "./connection.ts";
import { LANRARAGI_PLUGIN_KEYS, names, namespaceOf } from "./names.ts";
import { toWirePath } from "./plugin-record.ts";

/**
 * What records and kept versions name: `<sha256 or path>\0<NAMESPACE>`, in the order of their letters. It may hold more than is
 * true: what it says is looked up, so that a name which is gone costs one look, after which it goes. So nothing has to be counted down where
 * something goes, and all that a script must do is to add what it writes. Paths are LANraragi's, in small letters.
 */
const member = (what: string, namespace: Namespace): string => `${what}\0${namespace.toUpperCase()}`;

/** What the commit of a version names. */
export const referencedBy = (
  namespace: Namespace,
  { sha256, path }: Pick<Provenance, "sha256" | "path">,
): string[] => [sha256, toWirePath(path).toLowerCase()].map((what) => member(what, namespace));

export const referencedByVersion = (namespace: Namespace, sha256: string): string =>
  member(sha256, namespace);

const PLUGIN = names.plugin("");
const VERSIONS = names.versions("");

/**
 * Lua: `isNamed(sha256)` and `ownersOf(path)`. A key that is no hash is no record, whoever put it there.
 */
export const NAMED = `
  local function field(namespace, name)
    local value = redis.pcall('HGET', '${PLUGIN}' .. namespace, name)
    return type(value) == 'string' and value or ''
  end
  local function namers(what, isTrue)
    local found = {}
    local members = redis.call('ZRANGEBYLEX', '${names.named}', '[' .. what .. '\\0', '(' .. what .. '\\1')
    for _, one in ipairs(members) do
      local namespace = string.sub(one, #what + 2)
      if isTrue(namespace) then found[#found + 1] = namespace
      else redis.call('ZREM', '${names.named}', one) end
    end
    return found
  end
  local function isNamed(sha256)
    return #namers(sha256, function(namespace)
      return redis.call('HEXISTS', '${VERSIONS}' .. namespace, sha256) == 1
        or field(namespace, 'installed_sha256') == sha256
    end) > 0
  end
  local function ownersOf(path)
    return namers(path, function(namespace)
      return string.lower(field(namespace, 'installed_path')) == path
    end)
  end
`;

/** ARGV: hashes. Those that something names. */
const FILTER = script(`${NAMED}
  local found = {}
  for _, sha256 in ipairs(ARGV) do
    if isNamed(sha256) then found[#found + 1] = sha256 end
  end
  return found
`);

const OWNERS = script(`${NAMED} return ownersOf(ARGV[1])`);

/** ARGV: namespaces. */
const NOTICE = script(`${NAMED}
  for _, namespace in ipairs(ARGV) do
    local whats = redis.call('HKEYS', '${VERSIONS}' .. namespace)
    whats[#whats + 1] = field(namespace, 'installed_sha256')
    whats[#whats + 1] = string.lower(field(namespace, 'installed_path'))
    local added = {}
    for _, what in ipairs(whats) do
      if what ~= '' then
        added[#added + 1] = 0
        added[#added + 1] = what .. '\\0' .. namespace
      end
    end
    if #added > 0 then redis.call('ZADD', '${names.named}', unpack(added)) end
  end
`);

/**
 * KEYS: the versions of a namespace, the notes of what is not recorded. ARGV: the namespace, how many stay, whether servers share bytes
 * elsewhere, where no script can look and remove at once.
 */
const PRUNE = script(`${CLOCK} ${NAMED}
  if redis.call('HLEN', KEYS[1]) <= tonumber(ARGV[2]) then return {} end
  local held, versions, unnamed = redis.call('HGETALL', KEYS[1]), {}, {}
  for i = 1, #held, 2 do
    versions[#versions + 1] = {sha256 = held[i], order = tonumber(string.match(held[i + 1], '^%d+'))}
  end
  table.sort(versions, function(a, b) return a.order > b.order end)
  for i = ARGV[2] + 1, #versions do
    local sha256 = versions[i].sha256
    redis.call('HDEL', KEYS[1], sha256)
    local placed = field(ARGV[1], 'installed_sha256') == sha256
    if not placed then redis.call('ZREM', '${names.named}', sha256 .. '\\0' .. ARGV[1]) end
    if not placed and not isNamed(sha256) then
      unnamed[#unnamed + 1] = sha256
      if ARGV[3] == '1' then redis.call('ZADD', KEYS[2], clock(), sha256)
      elseif not redis.call('ZSCORE', KEYS[2], sha256) then redis.call('DEL', '${names.artifact("")}' .. sha256) end
    end
  end
  return unnamed
`);

/** Namespaces that one script takes up. */
const AT_ONCE = 200;

/** All that have a version, or that LANraragi knows of, in capitals. */
const allNamespaces = async (connection: Connection): Promise<string[]> => {
  const [kept, records] = await Promise.all([
    connection.scan(`${VERSIONS}*`),
    connection.scan(LANRARAGI_PLUGIN_KEYS),
  ]);
  const known = [
    ...kept.map((key) => key.slice(VERSIONS.length)),
    ...records.map((key) => namespaceOf(key) ?? ""),
  ];
  return [...new Set(known.map((namespace) => namespace.toUpperCase()))];
};

/** What takes up what LANraragi wrote, or a Hitagi that knew nothing of {@link names.named}. */
export const createNotice =
  (connection: Connection) =>
  async (namespaces?: readonly Namespace[]): Promise<void> => {
    const all = namespaces?.map((one) => one.toUpperCase()) ?? (await allNamespaces(connection));
    for (let at = 0; at < all.length; at += AT_ONCE) {
      await connection.run(NOTICE, [], all.slice(at, at + AT_ONCE));
    }
  };

/** What of a plugin store is asked by the hash or the file, and not by the plugin. */
export const createReferenceIndex = (connection: Connection, bytesElsewhere: boolean) => ({
  named: async (hashes: readonly string[]): Promise<ReadonlySet<string>> =>
    new Set(hashes.length === 0 ? [] : ((await connection.run(FILTER, [], hashes)) as string[])),
  ownersOf: async (path: string): Promise<Namespace[]> => {
    const owners = (await connection.run(OWNERS, [], [toWirePath(path).toLowerCase()])) as string[];
    return owners.map(toNamespace);
  },
  prune: async (namespace: Namespace, keep: number): Promise<string[]> => {
    const args = [namespace.toUpperCase(), keep, bytesElsewhere ? 1 : 0];
    return (await connection.run(PRUNE, [names.versions(namespace), names.unrecorded], args)) as string[];
  },
  notice: createNotice(connection),
});
