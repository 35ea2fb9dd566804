import { randomUUID } from "node:crypto";
import { HitagiError } from "@hitagi/contract";
import type { Lock, Locks, RateLimiter } from "../types.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { script, WHEN_FULL } from "./script.ts";

/** Each token is larger than all before it. A key without an end is no lock: every lock has one. */
const ACQUIRE = script(`
  local token = redis.call('HINCRBY', '${names.counts}', 'lock', 1)
  if redis.call('SET', key.lock, token, 'PX', arg.lifeMs, 'NX') then return token end
  if redis.call('PTTL', key.lock) >= 0 then return false end
  redis.call('SET', key.lock, token, 'PX', arg.lifeMs)
  return token
`);

/** Renews all locks of this process at once, so that all end at the same time. Answers the lost ones. */
const RENEW = script(`
  local lost = {}
  for n, lock in ipairs(key.locks) do
    if redis.call('GET', lock) == arg.tokens[n] then redis.call('PEXPIRE', lock, arg.lifeMs)
    else lost[#lost + 1] = lock end
  end
  return lost
`);

const RELEASE = script(`
  if redis.call('GET', key.lock) == arg.token then redis.call('DEL', key.lock) end
`);

interface LocksOptions {
  /** Milliseconds until the lock of a holder that stopped ends; it is renewed three times in them. */
  lifeMs: number;
  /** Called with the error of a lock that could not be renewed or freed. */
  onError: (error: unknown) => void;
}

/** Locks that only their holder frees, or its end. */
interface RedisLocks extends Locks {
  /** Frees all held locks and stops renewing. */
  close(): Promise<void>;
}

/**
 * Locks between processes. A process that was suspended for longer than a lock's life has lost it without notice; the commit
 * compares the token and rejects its change.
 */
export const createLocks = (connection: Connection, { lifeMs, onError }: LocksOptions): RedisLocks => {
  const held = new Map<string, Lock>();
  let closed = false;

  /** Forgets the locks that were lost. */
  const renew = async (): Promise<void> => {
    if (held.size === 0) return;
    const locks = [...held.values()];
    const keys = { locks: locks.map(({ key }) => names.lock(key)) };
    const args = { tokens: locks.map(({ token }) => token), lifeMs };
    const lost = await connection.run<string[]>(RENEW, keys, args);
    for (const lock of locks) {
      if (lost.includes(names.lock(lock.key)) && held.get(lock.key) === lock) held.delete(lock.key);
    }
  };
  const timer = setInterval(() => void renew().catch(onError), lifeMs / 3);
  timer.unref();

  const make = (key: string, token: number): Lock => {
    const lock: Lock = {
      key,
      token,
      release: async () => {
        if (held.get(key) === lock) held.delete(key);
        await connection.run(RELEASE, { lock: names.lock(key) }, { token }).catch(onError);
      },
    };
    return lock;
  };

  return {
    tryAcquire: async (key) => {
      if (closed) throw new HitagiError("STORE_FAILED", { reason: "it is closed" });
      const token = await connection.run(ACQUIRE, { lock: names.lock(key) }, { lifeMs });
      if (typeof token !== "number") return undefined;
      const lock = make(key, token);
      held.set(key, lock);
      return lock;
    },
    close: async () => {
      closed = true;
      clearInterval(timer);
      await Promise.all([...held.values()].map((lock) => lock.release()));
    },
  };
};

/** The key exists until the next use is allowed. */
const TAKE = script(`${WHEN_FULL}
  local wait = redis.call('PTTL', key.limit)
  if wait >= 0 then return math.max(1, wait) end
  redis.call('SET', key.limit, arg.holder, 'PX', arg.everyMs)
  return 0
`);

const GIVE_BACK = script(`
  if redis.call('GET', key.limit) == arg.holder then redis.call('DEL', key.limit) end
`);

/** A rate limit over all servers, by Redis' clock. */
export const createRateLimiter = (connection: Connection): RateLimiter => ({
  take: async (key, everyMs) => {
    const [keys, holder] = [{ limit: names.rateLimit(key) }, randomUUID()];
    const wait = await connection.run<number>(TAKE, keys, { holder, everyMs: Math.ceil(everyMs) });
    if (wait > 0) return wait;
    return { giveBack: async () => void (await connection.run(GIVE_BACK, keys, { holder })) };
  },
});
