import { randomUUID } from "node:crypto";
import { type Connection, script } from "./connection.ts";
import { names } from "./names.ts";

const IDENTIFY = script(`
  redis.call('HSETNX', KEYS[1], 'id', ARGV[1])
  return redis.call('HGET', KEYS[1], 'id')
`);

/** What tells this database from all others, by whatever address it is reached; given to it by the first who asks. */
export const identityOf = async (connection: Connection): Promise<string> =>
  (await connection.run(IDENTIFY, [names.store], [randomUUID()])) as string;
