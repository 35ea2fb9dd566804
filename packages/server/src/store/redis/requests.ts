import { NetworkRecord } from "@hitagi/contract";
import { recordCheck } from "../bad-records.ts";
import type { RequestStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { atKeys, unlessWrongType } from "./records.ts";
import { script } from "./script.ts";

/** Requests that are kept of each plugin, and seconds that they are kept after the last one. */
const [KEPT, LIFE] = [200, 7 * 24 * 3600];

const ADD = script(`
  redis.call('LPUSH', key.requests, arg.request)
  redis.call('LTRIM', key.requests, 0, ${KEPT - 1})
  redis.call('EXPIRE', key.requests, ${LIFE})
`);

const check = recordCheck(NetworkRecord);

export const createRequestStore = (connection: Connection): RequestStore => ({
  add: async (namespace, request) => {
    const requests = names.requests(namespace);
    const args = { request: JSON.stringify(request) };
    await unlessWrongType<unknown>(connection, { [requests]: "list" }, null, () =>
      connection.run(ADD, { requests }, args),
    );
  },
  of: async (namespace) => {
    const key = names.requests(namespace);
    const texts = await unlessWrongType<string[]>(connection, { [key]: "list" }, [], () =>
      connection.command("LRANGE", key, 0, -1),
    );
    const read = (text: string) =>
      connection.bad.read(
        check,
        () => atKeys(key),
        () => JSON.parse(text),
      );
    return texts.flatMap((text) => read(text) ?? []);
  },
});
