import { HitagiError } from "@hitagi/contract";
import type { News, NodeSelf, NodeState, Nodes, Revision } from "../types.ts";
import { MARKS } from "./changed.ts";
import { CLOCK } from "./clock.ts";
import { type Connection, script } from "./connection.ts";
import { names } from "./names.ts";
import { toMap } from "./reply.ts";
import { createSilence } from "./silence.ts";
import { WHEN_FULL } from "./when-full.ts";

/** KEYS of every script: the counts, the topics, the nodes by when they were heard of, what they said, the mark of a copy. */
const KEYS = [names.counts, names.changes, names.nodes, names.nodeStates, names.transfer];

const HEAD = `${CLOCK}
  local now = clock()
  local function revision() return tonumber(redis.call('HGET', KEYS[1], 'revision') or '0') end
  local function forget(id) redis.call('ZREM', KEYS[3], id) redis.call('HDEL', KEYS[4], id) end
`;

/**
 * ARGV: id, how far it has taken up and the mark of that, what else it says of itself, milliseconds after which a node seems to be
 * silent, then the nodes whose silence has ended them and when each was heard of. One that has taken up what this Redis does not
 * know of is as far behind as can be. Answers nothing where the store is half a copy, of which no node may be.
 */
const SYNC = script(`${HEAD} ${MARKS}
  if redis.call('EXISTS', KEYS[5]) == 1 then return false end
  ${WHEN_FULL}
  for i = 6, #ARGV, 2 do
    if redis.call('ZSCORE', KEYS[3], ARGV[i]) == ARGV[i + 1] then forget(ARGV[i]) end
  end
  local newest, taken = revision(), tonumber(ARGV[2])
  local mark = markOf(newest)
  local known, changed = taken == newest and mark == ARGV[3], {}
  if taken < newest and markOf(taken) == ARGV[3] then
    known, changed = true, redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[2], '+inf')
  end
  redis.call('ZADD', KEYS[3], now, ARGV[1])
  redis.call('HSET', KEYS[4], ARGV[1], (known and ARGV[2] or '-1') .. ' ' .. ARGV[4])
  return {newest, mark, known and changed,
    redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', '(' .. (now - ARGV[5]), 'WITHSCORES'),
    redis.call('ZRANGEBYSCORE', KEYS[3], '(' .. now, '+inf', 'WITHSCORES')}
`);

/** ARGV: milliseconds of Redis' clock within which a node was heard of; none for all. */
const LIST = script(`${HEAD}
  local from = ARGV[1] and now - ARGV[1] or '-inf'
  return {redis.call('ZRANGEBYSCORE', KEYS[3], from, '+inf', 'WITHSCORES'), redis.call('HGETALL', KEYS[4])}
`);

const LEAVE = script(`${HEAD} forget(ARGV[1])`);

/** KEYS[6]: the store. ARGV: the library, milliseconds within which a node was heard of. */
const LIBRARY = script(`${HEAD}
  if redis.call('ZCOUNT', KEYS[3], now - ARGV[2], '+inf') == 0 then redis.call('HSET', KEYS[6], 'library', ARGV[1]) end
  redis.call('HSETNX', KEYS[6], 'library', ARGV[1])
  return redis.call('HGET', KEYS[6], 'library') == ARGV[1] and 1 or 0
`);

const REVISION = script(`${HEAD} ${MARKS} return {revision(), markOf(revision())}`);

/** Lives of a lease for which a node was heard of lately. */
const LIVES = 2;
/** The part of a lease after which a node seems to be silent: it has missed a look. */
const SILENT = 0.5;
/** What a silence lasts longer than a lease, for clocks of different speed. */
const DRIFT = 1.02;

type SyncReply = [
  newest: number,
  mark: string,
  changed: News["changed"] | null,
  silent: unknown,
  ahead: unknown,
];

/** What is kept of a node: what it said of itself, and what its clock showed then. */
type Said = Omit<NodeSelf, "id"> & { clock?: number };

const toState = (id: string, heardMs: string, said: string): NodeState => {
  const at = said.indexOf(" ");
  const { clock, ...about } = JSON.parse(said.slice(at + 1)) as Said;
  const heard = Number(heardMs) / 1000;
  return {
    id,
    ...about,
    heard,
    ahead: Math.round((clock ?? heard) - heard),
    taken: Number(said.slice(0, at)),
  };
};

/** The nodes on a Redis. */
export const createNodes = (connection: Connection, leaseMs: number): Nodes => {
  const latelyMs = leaseMs * LIVES;
  const silence = createSilence(leaseMs * DRIFT);

  const list = async (withinMs?: number): Promise<NodeState[]> => {
    const within = withinMs === undefined ? [] : [withinMs];
    const [heard, said] = ((await connection.run(LIST, KEYS, within)) as unknown[]).map(toMap);
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
    sync: async ({ id, ...about }, taken): Promise<News> => {
      const text = JSON.stringify({ ...about, clock: Date.now() / 1000 } satisfies Said);
      const said = [id, taken.revision, taken.mark, text];
      const args = [...said, leaseMs * SILENT, ...[...silence.ended()].flat()];
      const reply = (await connection.run(SYNC, KEYS, args)) as SyncReply | null;
      if (reply === null) throw new HitagiError("STORE_UNFINISHED");
      const [revision, mark, changed, ...silent] = reply;
      silence.note(new Map(silent.flatMap((some) => [...toMap(some)])));
      return { revision, mark, changed: changed ?? "all" };
    },
    list: () => list(latelyMs),
    behind: async (revision) => (await list()).filter(({ taken }) => taken < revision).map(({ id }) => id),
    isLibrary: async (id) => (await connection.run(LIBRARY, [...KEYS, names.store], [id, latelyMs])) === 1,
    leave: async (id) => void (await connection.run(LEAVE, KEYS, [id])),
    follow: (listener) => connection.subscribe(names.changed, listener),
  };
};
