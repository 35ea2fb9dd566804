import type { KnownStore } from "../types.ts";
import { type Connection, script } from "./connection.ts";
import { names } from "./names.ts";

/** Stands for the library itself, so that an empty one is told from one that was never seen. */
const SEEN = "";

/** ARGV: those that came and those that went, as JSON: a command takes a million arguments at most. */
const CHANGE = script(`
  for _, id in ipairs(cjson.decode(ARGV[1])) do redis.call('SADD', KEYS[1], id) end
  for _, id in ipairs(cjson.decode(ARGV[2])) do redis.call('SREM', KEYS[1], id) end
`);

/** The archives that a Redis knows of libraries elsewhere. */
export const createKnownStore = (connection: Connection): KnownStore => ({
  of: async (library) => {
    const ids = new Set((await connection.command("SMEMBERS", names.known(library))) as string[]);
    return ids.delete(SEEN) ? ids : undefined;
  },
  change: async (library, came, went) => {
    const args = [JSON.stringify([SEEN, ...came]), JSON.stringify(went)];
    await connection.run(CHANGE, [names.known(library)], args);
  },
});
