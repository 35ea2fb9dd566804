import { HitagiError } from "@hitagi/contract";
import type { News, NodeState, Nodes, Revision } from "../types.ts";
import { MARKS } from "./changed.ts";
import { type Connection, script } from "./connection.ts";
import { names } from "./names.ts";
import { toMap } from "./reply.ts";
import { WHEN_FULL } from "./when-full.ts";

/** KEYS of every script: the counts, the topics, the nodes by when they were heard of, what they said, the mark of a copy. */
const KEYS = [names.counts, names.changes, names.nodes, names.nodeStates, names.transfer];

const HEAD = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local function revision() return tonumber(redis.call('HGET', KEYS[1], 'revision') or '0') end
  local function forget(before)
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', '(' .. before)) do
      redis.call('ZREM', KEYS[3], id) redis.call('HDEL', KEYS[4], id)
    end
  end
`;

/**
 * ARGV: id, how far it has taken up and the mark of that, what else it says of itself, milliseconds after which a node is forgotten. One
 * that has taken up what this Redis does not know of is as far behind as can be. Answers nothing where the store is half a copy, of
 * which no node may be.
 */
const SYNC = script(`${HEAD} ${MARKS}
  if redis.call('EXISTS', KEYS[5]) == 1 then return false end
  ${WHEN_FULL}
  forget(now - ARGV[5])
  local newest, taken = revision(), tonumber(ARGV[2])
  local known = taken <= newest and markOf(taken) == ARGV[3]
  redis.call('ZADD', KEYS[3], now, ARGV[1])
  redis.call('HSET', KEYS[4], ARGV[1], (known and ARGV[2] or '-1') .. ' ' .. ARGV[4])
  return {newest, markOf(newest), known and redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[2], '+inf')}
`);

/** ARGV: milliseconds after which a node is forgotten. */
const LIST = script(`${HEAD}
  forget(now - ARGV[1])
  return {redis.call('ZRANGE', KEYS[3], 0, -1, 'WITHSCORES'), redis.call('HGETALL', KEYS[4])}
`);

const LEAVE = script(`redis.call('ZREM', KEYS[3], ARGV[1]) redis.call('HDEL', KEYS[4], ARGV[1])`);

/** KEYS[6]: the store. ARGV: the library, milliseconds after which a node is forgotten. */
const LIBRARY = script(`${HEAD}
  forget(now - ARGV[2])
  if redis.call('ZCARD', KEYS[3]) == 0 then redis.call('HSET', KEYS[6], 'library', ARGV[1]) end
  redis.call('HSETNX', KEYS[6], 'library', ARGV[1])
  return redis.call('HGET', KEYS[6], 'library') == ARGV[1] and 1 or 0
`);

const REVISION = script(`${HEAD} ${MARKS} return {revision(), markOf(revision())}`);

/** Lives of a lease after which a node that was not heard of is forgotten; the second is for clocks that are set. */
const LIVES = 2;

const toState = (id: string, heardMs: string, said: string): NodeState => {
  const at = said.indexOf(" ");
  const about = JSON.parse(said.slice(at + 1)) as Pick<NodeState, "host" | "started">;
  return { id, ...about, heard: Number(heardMs) / 1000, taken: Number(said.slice(0, at)) };
};

/** The nodes on a Redis. */
export const createNodes = (connection: Connection, leaseMs: number): Nodes => {
  const forgetMs = leaseMs * LIVES;

  const list = async (): Promise<NodeState[]> => {
    const [heard, said] = ((await connection.run(LIST, KEYS, [forgetMs])) as unknown[]).map(toMap);
    return [...(heard ?? [])]
      .flatMap(([id, at]) => {
        const text = said?.get(id);
        return text === undefined ? [] : [toState(id, at, text)];
      })
      .sort((a, b) => a.started - b.started);
  };

  return {
    leaseMs,
    revision: async (): Promise<Revision> => {
      const [revision, mark] = (await connection.run(REVISION, KEYS)) as [number, string];
      return { revision, mark };
    },
    sync: async ({ id, host, started }, taken): Promise<News> => {
      const args = [id, taken.revision, taken.mark, JSON.stringify({ host, started }), forgetMs];
      const reply = (await connection.run(SYNC, KEYS, args)) as
        | [number, string, News["changed"] | null]
        | null;
      if (reply === null) throw new HitagiError("STORE_UNFINISHED");
      const [revision, mark, changed] = reply;
      return { revision, mark, changed: changed ?? "all" };
    },
    list,
    behind: async (revision) => (await list()).filter(({ taken }) => taken < revision).map(({ id }) => id),
    isLibrary: async (id) => (await connection.run(LIBRARY, [...KEYS, names.store], [id, forgetMs])) === 1,
    leave: async (id) => void (await connection.run(LEAVE, KEYS, [id])),
    follow: (listener) => connection.subscribe(names.changed, listener),
  };
};
