import { Redis, type RedisOptions } from "ioredis";
import { onTestFinished } from "vitest";
import { openRedisStore, type RedisStoreOptions } from "../../../src/store/redis/open.ts";
import type { Store } from "../../../src/store/types.ts";
import type { RedisServer } from "../../support/redis-process.ts";

/** A client beside Hitagi's, as LANraragi has one; closed when the test ends. */
export const clientOf = (server: RedisServer, db: number, options: RedisOptions = {}): Redis => {
  const client = new Redis({ path: server.socket, db, ...options });
  // Callers get the error; without a listener ioredis would print it.
  client.on("error", () => {});
  onTestFinished(() => client.disconnect());
  return client;
};

/** Opens a database as a store, which is closed when the test ends. */
export const opened = async (
  server: RedisServer,
  db: number,
  options: RedisStoreOptions = {},
): Promise<Store> => {
  const store = await openRedisStore(server.address(db), { onError: () => {}, ...options });
  onTestFinished(() => store.close());
  return store;
};
