import { describe } from "vitest";
import { openRedisStore } from "../../src/store/redis/open.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { redisServers } from "../support/redis-process.ts";
import { storeContract } from "./contract.ts";

const servers = redisServers.length > 0 ? redisServers : [{ name: "redis", binary: "redis-server" }];

describe.skipIf(withoutRedis).each(servers)("with $name", ({ name, binary }) => {
  const server = sharedRedis([], binary);
  const databases = new Map<string, number>();
  /** Each place is a database of its own. */
  const databaseOf = (place: string): number => {
    const known = databases.get(place) ?? databases.size;
    databases.set(place, known);
    return known;
  };
  storeContract(name, (place) => openRedisStore(server().address(databaseOf(place))), {
    shared: true,
  });
});
