import type { NetworkRecord } from "@hitagi/contract";
import type { RequestStore } from "../types.ts";
import { type Connection, script } from "./connection.ts";
import { names } from "./names.ts";

/** Requests that are kept of each plugin, and seconds after the last of them. */
const [KEPT, LIFE] = [200, 7 * 24 * 3600];

const ADD = script(`
  redis.call('LPUSH', KEYS[1], ARGV[1])
  redis.call('LTRIM', KEYS[1], 0, ${KEPT - 1})
  redis.call('EXPIRE', KEYS[1], ${LIFE})
`);

/** What plugins asked of the network, in a Redis: a list each. */
export const createRequestStore = (connection: Connection): RequestStore => ({
  add: async (namespace, request) =>
    void (await connection.run(ADD, [names.requests(namespace)], [JSON.stringify(request)])),
  of: async (namespace) => {
    const texts = await connection.command("LRANGE", names.requests(namespace), 0, -1);
    return (texts as string[]).map((text) => JSON.parse(text) as NetworkRecord);
  },
});
