import { names } from "./names.ts";

/**
 * Lua for the beginning of scripts that have to run where Redis' memory is full, and that use next to none: Redis refuses a script
 * only until it has written something, and removing may always be done.
 */
export const WHEN_FULL = `redis.call('HDEL', '${names.store}', '')`;
