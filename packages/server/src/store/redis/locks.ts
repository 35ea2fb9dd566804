import { HitagiError } from "@hitagi/contract";
import type { Lock, Locks } from "../types.ts";
import { type Connection, script } from "./connection.ts";
import { names } from "./names.ts";

/** Each holding has a larger token than all before it. KEYS: the lock, the counts. ARGV: milliseconds. */
const ACQUIRE = script(`
  if redis.call('EXISTS', KEYS[1]) == 1 then return false end
  local token = redis.call('HINCRBY', KEYS[2], 'lock', 1)
  redis.call('SET', KEYS[1], token, 'PX', ARGV[1])
  return token
`);

/** All that this process holds at once, so that all of it would end at once. ARGV: milliseconds, then the tokens. */
const RENEW = script(`
  local lost = {}
  for i = 1, #KEYS do
    if redis.call('GET', KEYS[i]) == ARGV[i + 1] then redis.call('PEXPIRE', KEYS[i], ARGV[1])
    else lost[#lost + 1] = KEYS[i] end
  end
  return lost
`);

const RELEASE = script(`
  if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
  return 0
`);

export interface LocksOptions {
  /** Milliseconds that a lock outlives a holder that stopped; it is renewed three times in them. */
  lifeMs: number;
  /** Told of what could not be renewed or freed. */
  onError: (error: unknown) => void;
}

/** Locks that nobody frees but their holder, or its death. */
export interface RedisLocks extends Locks {
  /** Frees all that is held and renews nothing any more. */
  close(): Promise<void>;
}

/**
 * Locks between processes. A holder that stopped for longer than a lock's life has lost it without noticing; what it
 * commits under it is refused, because the commit itself compares the token.
 */
export const createLocks = (connection: Connection, { lifeMs, onError }: LocksOptions): RedisLocks => {
  const held = new Map<string, Lock>();
  let closed = false;

  /** Lets go of what was lost. */
  const renew = async (): Promise<void> => {
    if (held.size === 0) return;
    const locks = [...held.values()];
    const keys = locks.map(({ key }) => names.lock(key));
    const lost = (await connection.run(RENEW, keys, [
      lifeMs,
      ...locks.map(({ token }) => token),
    ])) as string[];
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
        await connection.run(RELEASE, [names.lock(key)], [token]).catch(onError);
      },
    };
    return lock;
  };

  return {
    tryAcquire: async (key) => {
      if (closed) throw new HitagiError("STORE_FAILED", { reason: "it is closed" });
      const token = (await connection.run(ACQUIRE, [names.lock(key), names.counts], [lifeMs])) as
        | number
        | null;
      if (token === null) return undefined;
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
