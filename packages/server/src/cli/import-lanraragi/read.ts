import { toNamespace } from "@hitagi/contract";
import { Redis, type RedisOptions } from "ioredis";
import { certificateReason } from "../../net/http-faults.ts";
import { parseRedisAddress, withCertificates } from "../../store/redis/address.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import { type LanraragiTagRules, readTagRules } from "./read-tag-rules.ts";
import { textOf } from "./redis-text.ts";

/** A registry of LANraragi: its id and the fields of its hash. */
export interface LanraragiRegistry {
  id: string;
  fields: Record<string, string>;
}

/** The provenance of a plugin from a registry. */
export interface LanraragiProvenance {
  path: string;
  version: string;
  registry: string;
  sha256: string;
}

/** LANraragi's data of one plugin. */
export interface LanraragiPlugin {
  /** Lower case. */
  namespace: string;
  /** Undefined for a builtin or sideloaded plugin, whose record names no registry. A missing field is empty. */
  installed: LanraragiProvenance | undefined;
  flags: { enabled?: boolean; hidden?: boolean; priority?: number };
  /** Named settings, possibly secret. */
  named: Record<string, string>;
  /** Older, positional settings, possibly secret. */
  positional: unknown[];
  /** What could not be read. */
  faults: string[];
}

/** All data about plugins and tag rules in LANraragi's Redis. */
export interface LanraragiData {
  registries: LanraragiRegistry[];
  /** The id of the default registry, or empty. */
  ougi: string;
  plugins: LanraragiPlugin[];
  /** Undefined if it stores none. */
  tagRules: LanraragiTagRules | undefined;
}

const PLUGIN = "LRR_PLUGIN_";
const PROVENANCE = ["path", "version", "registry", "sha256"] as const;
/** Fields of a plugin's hash that are not settings. */
const OWN = new Set([
  "type",
  "enabled",
  "hidden",
  "priority",
  "customargs",
  ...PROVENANCE.map((f) => `installed_${f}`),
]);

type Hash = Record<string, string>;

const hash = async (redis: Redis, key: string): Promise<Hash> => {
  if ((await redis.type(key)) !== "hash") return {};
  const fields: Record<string, Buffer> = await redis.hgetallBuffer(key);
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, textOf(value)]));
};

const keysLike = async (redis: Redis, pattern: string): Promise<string[]> => {
  const found = new Set<string>();
  let cursor = "0";
  do {
    const [next, keys] = await redis.scan(cursor, "MATCH", pattern, "COUNT", 1000);
    for (const key of keys) found.add(key);
    cursor = next;
  } while (cursor !== "0");
  return [...found].sort();
};

const isOn = (text: string): boolean => text === "1" || text === "true" || text === "on";

const flagsOf = ({ enabled, hidden, priority }: Hash): LanraragiPlugin["flags"] => ({
  ...(enabled !== undefined && { enabled: isOn(enabled) }),
  ...(hidden !== undefined && { hidden: isOn(hidden) }),
  ...(priority !== undefined && /^-?\d{1,7}$/.test(priority) && { priority: Number(priority) }),
});

const provenanceOf = (fields: Hash): LanraragiProvenance | undefined => {
  if (!PROVENANCE.some((name) => fields[`installed_${name}`])) return undefined;
  if (fields.installed_path && !fields.installed_registry) return undefined;
  const [path = "", version = "", registry = "", sha256 = ""] = PROVENANCE.map(
    (name) => fields[`installed_${name}`],
  );
  return { path, version, registry, sha256 };
};

/** Older settings, a JSON list; undefined if it is not a list. */
const positionalOf = (text: string | undefined): unknown[] | undefined => {
  if (text === undefined || text === "") return [];
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
};

const pluginOf = (key: string, fields: Hash): LanraragiPlugin => {
  const positional = positionalOf(fields.customargs);
  return {
    namespace: toNamespace(key.slice(PLUGIN.length)),
    installed: provenanceOf(fields),
    flags: flagsOf(fields),
    named: Object.fromEntries(Object.entries(fields).filter(([name]) => !OWN.has(name))),
    positional: positional ?? [],
    faults: positional === undefined ? ["its older settings (customargs) are not a JSON list"] : [],
  };
};

const readPlugins = async (redis: Redis): Promise<LanraragiPlugin[]> => {
  const keys = await keysLike(redis, `${PLUGIN}*`);
  return Promise.all(keys.map(async (key) => pluginOf(key, await hash(redis, key))));
};

/** LANraragi's database of the configuration, and the one that older versions had it in. */
const [CONFIG_DATABASE, OLD_DATABASE] = [2, 0];

/** The plugins that an older LANraragi left in its only database. As its own move at a start, it replaces no newer record. */
const readOldPlugins = async (
  redis: Redis,
  newer: readonly LanraragiPlugin[],
): Promise<LanraragiPlugin[]> => {
  const known = new Set(newer.map(({ namespace }) => namespace));
  await redis.select(OLD_DATABASE);
  return (await readPlugins(redis)).filter(({ namespace }) => !known.has(namespace));
};

const readAll = async (redis: Redis, database: number): Promise<LanraragiData> => {
  const registries = (await keysLike(redis, "REG_*")).filter((key) => /^REG_\d{10}$/.test(key));
  const config = await hash(redis, "LRR_CONFIG");
  const tagRules = await readTagRules(redis, config);
  const fields = await Promise.all(registries.map((id) => hash(redis, id)));
  const plugins = await readPlugins(redis);
  const older = database === CONFIG_DATABASE ? await readOldPlugins(redis, plugins) : [];
  return {
    registries: registries.map((id, n) => ({ id, fields: fields[n] ?? {} })),
    ougi: config.ougi ?? "",
    plugins: [...plugins, ...older],
    tagRules,
  };
};

/** Why a Redis cannot be read, by its message or the code of the connection. */
const REASONS: [RegExp, string, string][] = [
  [
    /^(WRONGPASS|NOAUTH|ERR AUTH|ERR invalid password)/,
    "it requires a password, or rejected it",
    "Give it with --password-stdin.",
  ],
  [/^NOPERM/, "its user lacks rights", "SELECT, SCAN, TYPE, HGETALL and LRANGE must be allowed."],
  [/^LOADING/, "it is still starting", "Try again in a moment."],
  [/DB index/, "it has no such database", "LANraragi's configuration is in database 2 by default."],
];

const unread = (error: unknown): CommandFailed => {
  const { message, code } = error as NodeJS.ErrnoException;
  const known = REASONS.find(([pattern]) => pattern.test(message));
  if (known) return new CommandFailed(`Redis could not be read: ${known[1]}.`, known[2]);
  const distrust = code && certificateReason(code);
  if (distrust) {
    const hint = "Set HITAGI_CA_FILE to the file of its certificate authority.";
    return new CommandFailed(`The certificate of Redis is not trusted: ${distrust}.`, hint);
  }
  return new CommandFailed(
    `Redis could not be read (${code ?? "it ended the connection"}).`,
    "Check that it runs, and that this machine can reach it.",
  );
};

/**
 * Connection options for an address in the form of `HITAGI_STORE`. The default database is LANraragi's.
 * @throws UsageError, also for an address with a password, which every user of the machine could read
 */
export const redisOptions = (text: string, password: string | undefined, ca?: string): RedisOptions => {
  const address = parseRedisAddress(text);
  if ("fault" in address) {
    throw new UsageError(
      `This is not the address of a Redis: ${address.fault}.`,
      "Use a form like redis://127.0.0.1:6379, rediss://host:6380 or redis+unix:///run/redis.sock.",
    );
  }
  if (address.options.password) {
    throw new UsageError(
      "The address contains a password, which process lists show.",
      "Give the password on standard input with --password-stdin.",
    );
  }
  const { options, certificate } = address;
  return { ...withCertificates(options, { certificate, ca }), ...(password && { password }) };
};

/**
 * Reads the data about plugins from LANraragi's Redis. It changes nothing there.
 * @throws CommandFailed
 */
export const readLanraragi = async (options: RedisOptions): Promise<LanraragiData> => {
  const redis = new Redis({
    ...options,
    lazyConnect: true,
    connectTimeout: 5000,
    commandTimeout: 30_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let failure: unknown;
  redis.on("error", (error) => {
    failure = error;
  });
  try {
    await redis.connect();
    return await readAll(redis, options.db ?? 0);
  } catch (error) {
    throw unread(failure ?? error);
  } finally {
    redis.disconnect();
  }
};
