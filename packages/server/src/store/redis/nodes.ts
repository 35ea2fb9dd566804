import { HitagiError } from "@hitagi/contract";
import { type Static, Type } from "typebox";
import { recordCheck } from "../bad-records.ts";
import type { News, NodeState, Nodes, Revision } from "../types.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { atField } from "./records.ts";
import { CLOCK, MARK_OF, script, toMap, WHEN_FULL } from "./script.ts";

/** Milliseconds that a node may work with what it has read; the same on all nodes of a store. */
export const LEASE_MS = 3000;
/** Leases after which a node that is silent is no longer listed. */
const LISTED_LEASES = 2;
/** The part of a lease after which a node seems silent: it has missed a sync. */
const SILENT = 0.5;
/** What a silence lasts longer than a lease, for clocks of different speed. */
const DRIFT = 1.02;

const HEAD = `${CLOCK}
  local now = clock()
  local function revision() return tonumber(redis.call('HGET', '${names.counts}', 'revision') or '0') end
  local function forget(id)
    redis.call('ZREM', '${names.nodes}', id)
    redis.call('HDEL', '${names.nodeStates}', id)
  end
`;

/**
 * Removes the `ended` nodes unless they were heard of since. A node that has applied changes which this Redis does not know
 * counts as behind all. Answers nothing while a copy into the store is unfinished.
 */
const SYNC = script(`${HEAD} ${MARK_OF}
  if redis.call('EXISTS', '${names.copyMark}') == 1 then return false end
  ${WHEN_FULL}
  for n, id in ipairs(arg.ended) do
    if redis.call('ZSCORE', '${names.nodes}', id) == arg.endedHeard[n] then forget(id) end
  end
  local newest, applied = revision(), tonumber(arg.applied)
  local mark = markOf(newest)
  local known, changed = applied == newest and mark == arg.mark, {}
  if applied < newest and markOf(applied) == arg.mark then
    known, changed = true, redis.call('ZRANGEBYSCORE', '${names.changes}', '(' .. arg.applied, '+inf')
  end
  redis.call('ZADD', '${names.nodes}', now, arg.id)
  redis.call('HSET', '${names.nodeStates}', arg.id, (known and arg.applied or '-1') .. ' ' .. arg.about)
  local nodes, seemSilent = redis.call('ZRANGE', '${names.nodes}', 0, -1, 'WITHSCORES'), {}
  for n = 2, #nodes, 2 do
    local heard = tonumber(nodes[n])
    if heard < now - arg.silentMs or heard > now then
      seemSilent[#seemSilent + 1] = nodes[n - 1]
      seemSilent[#seemSilent + 1] = nodes[n]
    end
  end
  return {newest, mark, known and changed, seemSilent, #nodes > 2 and 1 or 0}
`);

const LIST = script(`${HEAD}
  local from = arg.withinMs and now - arg.withinMs or '-inf'
  return {redis.call('ZRANGEBYSCORE', '${names.nodes}', from, '+inf', 'WITHSCORES'),
    redis.call('HGETALL', '${names.nodeStates}')}
`);

const LEAVE = script(`${HEAD} forget(arg.id)`);

const IS_LIBRARY = script(`${HEAD}
  local isAlone = redis.call('ZCOUNT', '${names.nodes}', now - arg.withinMs, '+inf') == 0
  if isAlone then redis.call('HSET', '${names.store}', 'library', arg.library) end
  redis.call('HSETNX', '${names.store}', 'library', arg.library)
  return redis.call('HGET', '${names.store}', 'library') == arg.library and 1 or 0
`);

const REVISION = script(`${HEAD} ${MARK_OF} return {revision(), markOf(revision())}`);

type SyncReply = [
  newest: number,
  mark: string,
  changed: News["changed"] | null,
  silent: unknown,
  hasOthers: number,
];

/** What is stored of a node: what it said of itself, and its clock at that time. */
const About = Type.Object({
  host: Type.String(),
  version: Type.Optional(Type.String()),
  artifacts: Type.Optional(Type.String()),
  address: Type.Optional(Type.String()),
  started: Type.Number(),
  clock: Type.Optional(Type.Number()),
});
type About = Static<typeof About>;
const check = recordCheck(About);

/** A node with when it was last heard of, and its state: the revision that it has applied, and JSON. */
type StoredNode = [id: string, heardMs: string, text: string];

const takenOf = (text: string): number => Number(text.slice(0, text.indexOf(" ")));

const toState = ({ bad }: Connection, [id, heardMs, text]: StoredNode): NodeState | undefined => {
  const found = bad.read(
    check,
    () => atField(names.nodeStates, id),
    () => JSON.parse(text.slice(text.indexOf(" ") + 1)),
  );
  if (found === undefined) return undefined;
  const { clock, ...about } = found;
  const heard = Number(heardMs) / 1000;
  // The sum turns -0 into 0.
  const ahead = Math.round((clock ?? heard) - heard) + 0;
  return { id, ...about, heard, ahead, taken: takenOf(text) };
};

/**
 * Watches which nodes are silent. The store's clock may be set, and is another one after a fail-over; so it only says which
 * nodes seem silent, and a node counts as ended after a lease of silence on this process' monotonic clock.
 */
const createSilenceWatch = (ms: number) => {
  let seen = new Map<string, { heard: string; since: number }>();
  return {
    /** The nodes that were silent for the whole time, each with when it was last heard of. */
    ended: (): [id: string, heard: string][] => {
      const now = performance.now();
      return [...seen]
        .filter(([, { since }]) => now - since >= ms)
        .map(([id, { heard }]): [string, string] => [id, heard]);
    },
    note: (silent: ReadonlyMap<string, string>): void => {
      const since = performance.now();
      const noted = [...silent].map(([id, heard]) => {
        const before = seen.get(id);
        return [id, before?.heard === heard ? before : { heard, since }] as const;
      });
      seen = new Map(noted);
    },
  };
};

export const createNodes = (connection: Connection, leaseMs: number): Nodes => {
  const listedMs = leaseMs * LISTED_LEASES;
  const silence = createSilenceWatch(leaseMs * DRIFT);

  const read = async (withinMs?: number): Promise<StoredNode[]> => {
    const [heard, about] = ((await connection.run(LIST, {}, { withinMs })) as unknown[]).map(toMap);
    return [...(heard ?? [])].flatMap(([id, at]): StoredNode[] => {
      const text = about?.get(id);
      return text === undefined ? [] : [[id, at, text]];
    });
  };

  return {
    leaseMs,
    revision: async (): Promise<Revision> => {
      const [revision, mark] = await connection.run<[number, string]>(REVISION);
      return { revision, mark };
    },
    sync: async ({ id, ...self }, { revision: applied, mark: appliedMark }): Promise<News> => {
      const about = JSON.stringify({ ...self, clock: Date.now() / 1000 } satisfies About);
      const ended = silence.ended();
      const reply = await connection.run<SyncReply | null>(
        SYNC,
        {},
        {
          ...{ id, applied, mark: appliedMark, about, silentMs: leaseMs * SILENT },
          ended: ended.map(([node]) => node),
          endedHeard: ended.map(([, heard]) => heard),
        },
      );
      if (reply === null) throw new HitagiError("STORE_UNFINISHED");
      const [revision, mark, changed, silent, hasOthers] = reply;
      silence.note(toMap(silent));
      return { revision, mark, changed: changed ?? "all", hasOthers: hasOthers === 1 };
    },
    list: async () => {
      const states = (await read(listedMs)).flatMap((node) => toState(connection, node) ?? []);
      return states.sort((a, b) => a.started - b.started);
    },
    // A node whose state cannot be read counts as behind.
    behind: async (revision) =>
      (await read()).filter(([, , text]) => !(takenOf(text) >= revision)).map(([id]) => id),
    isLibrary: async (library) =>
      (await connection.run(IS_LIBRARY, {}, { library, withinMs: listedMs })) === 1,
    leave: async (id) => void (await connection.run(LEAVE, {}, { id })),
    follow: (listener) => connection.subscribe(names.changed, listener),
  };
};
