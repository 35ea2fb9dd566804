import { randomUUID } from "node:crypto";
import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { RedisOptions } from "ioredis";
import { type Connection, connect } from "./connection.ts";
import { mendKeys } from "./damaged-keys.ts";
import { CONFIG, names } from "./names.ts";
import { script } from "./script.ts";

/** How a connection was made, to make another one to a further database. */
export interface ConnectOptions {
  options: RedisOptions;
  timeoutMs: number;
}

export type Info = ReadonlyMap<string, string>;

/** The first Redis with every command that is used (ZDIFF). Every Valkey gives a later version of Redis. */
const OLDEST = [6, 2] as const;
/** The version of the layout of Hitagi's keys. A later one is not read. */
const LAYOUT = 1;

const parseInfo = (text: string): Info =>
  new Map(
    text.split(/\r?\n/).flatMap((line): [string, string][] => {
      const at = line.indexOf(":");
      return line.startsWith("#") || at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  );

export const readInfo = async (connection: Connection): Promise<Info> =>
  parseInfo((await connection.command("INFO")) as string);

const isTooOld = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
};

const mayEvict = (info: Info): boolean =>
  info.get("maxmemory") !== "0" && info.get("maxmemory_policy") !== "noeviction";

/** Valkey calls it by another name. */
const modeOf = (info: Info): string | undefined => info.get("redis_mode") ?? info.get("server_mode");

/** What makes a Redis unfit, and how INFO shows it. */
const unfit: [reason: string, isSo: (info: Info) => boolean][] = [
  [
    `it is older than Redis ${OLDEST.join(".")}, the first with all that is used`,
    (info) => isTooOld(info.get("redis_version") ?? ""),
  ],
  [
    "it is a cluster, where LANraragi's keys cannot be changed together; use Sentinel for a second machine",
    (info) => info.get("cluster_enabled") === "1" || modeOf(info) === "cluster",
  ],
  [
    "it is a Sentinel; write redis+sentinel://host:port/database?master=name",
    (info) => modeOf(info) === "sentinel",
  ],
  [
    "it forgets data when its memory is full; set its maxmemory-policy to noeviction",
    (info) => mayEvict(info),
  ],
];

/**
 * @throws HitagiError STORE_UNFIT, STORE_READ_ONLY
 */
export const checkServerInfo = (info: Info): void => {
  const [reason] = unfit.find(([, isSo]) => isSo(info)) ?? [];
  if (reason !== undefined) throw new HitagiError("STORE_UNFIT", { reason });
  if (info.get("role") === "slave") throw new HitagiError("STORE_READ_ONLY", { reason: "it is a replica" });
};

/** Advice on a setting that works but risks data; undefined if there is none. */
export const adviceOn = (info: Info): string | undefined =>
  info.get("aof_enabled") === "0"
    ? "Redis may lose the changes of the last minutes in a power cut: set its appendonly to yes"
    : undefined;

const otherDatabases = (info: Info, own: number): number[] =>
  [...info.keys()]
    .flatMap((key) => /^db(\d+)$/.exec(key)?.[1] ?? [])
    .map(Number)
    .filter((db) => db !== own);

/**
 * Checks that this is the right database. It is not, if it is empty and another one has LANraragi's configuration but no Hitagi's.
 * @throws HitagiError STORE_UNFIT
 */
const checkDatabase = async (
  connection: Connection,
  { options, timeoutMs }: ConnectOptions,
  info: Info,
): Promise<void> => {
  if ((await connection.command("EXISTS", CONFIG, names.store)) !== 0) return;
  for (const db of otherDatabases(info, options.db ?? 0)) {
    const other = await connect({ ...options, db }, timeoutMs);
    try {
      const [theirs, ours] = [
        await other.command("EXISTS", CONFIG),
        await other.command("EXISTS", names.store),
      ];
      if (theirs === 0 || ours === 1) continue;
    } finally {
      await other.close();
    }
    const reason = `database ${options.db} is empty, and LANraragi keeps its configuration in database ${db}`;
    throw new HitagiError("STORE_UNFIT", { reason });
  }
};

/** ioredis would use the first database in place of a missing one. @throws HitagiError STORE_UNFIT */
const select = async (connection: Connection, { db = 0 }: RedisOptions): Promise<void> => {
  await connection.command("SELECT", db).catch((e: unknown) => {
    if (!isHitagiError(e, "STORE_FAILED")) throw e;
    throw new HitagiError("STORE_UNFIT", { reason: `it has no database ${db}` }, { cause: e });
  });
};

/** A database without the mark is new to Hitagi. @throws HitagiError STORE_NEWER */
export const checkLayout = async (connection: Connection): Promise<void> => {
  const mark = await connection.command<string | null>("HGET", names.store, "layout");
  const found = mark === null ? LAYOUT : Number(mark);
  if (found !== LAYOUT) throw new HitagiError("STORE_NEWER", { found, known: LAYOUT });
};

/** @throws HitagiError STORE_NEWER, and what a Redis throws that cannot be written */
const markLayout = async (connection: Connection): Promise<void> => {
  await connection.command("HSETNX", names.store, "layout", LAYOUT);
  await checkLayout(connection);
};

/**
 * Checks that Redis can keep Hitagi's data and that this is the right database.
 * @returns Redis' INFO
 * @throws HitagiError STORE_UNFIT, STORE_READ_ONLY, STORE_FULL, STORE_REFUSED, STORE_NEWER
 */
export const checkServer = async (connection: Connection, connectOptions: ConnectOptions): Promise<Info> => {
  const info = await readInfo(connection);
  checkServerInfo(info);
  await select(connection, connectOptions.options);
  await checkDatabase(connection, connectOptions, info);
  await mendKeys(connection);
  await markLayout(connection);
  // Redis gives rights on channels apart from rights on keys.
  await connection.command("PUBLISH", names.changed, 0);
  return info;
};

const IDENTIFY = script(`
  redis.call('HSETNX', '${names.store}', 'id', arg.id)
  return redis.call('HGET', '${names.store}', 'id')
`);

/** The id of this database, which does not depend on its address; the first caller sets it. */
export const identify = async (connection: Connection): Promise<string> =>
  connection.run<string>(IDENTIFY, {}, { id: randomUUID() });
