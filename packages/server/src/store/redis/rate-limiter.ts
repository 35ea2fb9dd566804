import { randomUUID } from "node:crypto";
import type { RateLimiter } from "../types.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { script, WHEN_FULL } from "./script.ts";

/** The key exists until the next use is allowed. */
const TAKE = script(`${WHEN_FULL}
  if redis.call('SET', key.limit, arg.holder, 'NX', 'PX', arg.everyMs) then return 0 end
  return math.max(1, redis.call('PTTL', key.limit))
`);

const GIVE_BACK = script(`
  if redis.call('GET', key.limit) == arg.holder then redis.call('DEL', key.limit) end
`);

/** A rate limit over all servers, by Redis' clock. */
export const createRateLimiter = (connection: Connection): RateLimiter => ({
  take: async (key, everyMs) => {
    const [keys, holder] = [{ limit: names.rateLimit(key) }, randomUUID()];
    const wait = (await connection.run(TAKE, keys, { holder, everyMs: Math.ceil(everyMs) })) as number;
    if (wait > 0) return wait;
    return { giveBack: async () => void (await connection.run(GIVE_BACK, keys, { holder })) };
  },
});
