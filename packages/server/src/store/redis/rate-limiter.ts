import { randomUUID } from "node:crypto";
import type { RateLimiter } from "../types.ts";
import { type Connection, script } from "./connection.ts";
import { names } from "./names.ts";
import { WHEN_FULL } from "./when-full.ts";

/** The key is there until the next turn. ARGV: who takes it, milliseconds. */
const TAKE = script(`${WHEN_FULL}
  if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
  return math.max(1, redis.call('PTTL', KEYS[1]))
`);

const GIVE_BACK = script(`
  if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
`);

/** Turns by the clock of a Redis. */
export const createRateLimiter = (connection: Connection): RateLimiter => ({
  take: async (key, everyMs) => {
    const turn = randomUUID();
    const wait = (await connection.run(TAKE, [names.turn(key)], [turn, Math.ceil(everyMs)])) as number;
    if (wait > 0) return wait;
    return { giveBack: async () => void (await connection.run(GIVE_BACK, [names.turn(key)], [turn])) };
  },
});
