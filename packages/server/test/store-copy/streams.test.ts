import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Endpoint } from "../../src/store-copy/endpoint.ts";
import { moveStore } from "../../src/store-copy/move.ts";
import { openRedisEndpoint } from "../../src/store-copy/redis.ts";
import { openSqliteEndpoint } from "../../src/store-copy/sqlite.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { redisServers } from "../support/redis-process.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { contents, fill } from "./contents.ts";
import { opened, transferContract } from "./contract.ts";
import { digests } from "./digests.ts";

/** Of documents that LANraragi cached, nothing can be used here. */
const readIndex = async () => undefined;

const newSqlite = async (): Promise<Endpoint> =>
  openSqliteEndpoint(path.join(await tempFolder(), "hitagi.db"), "target", { readIndex });

transferContract("sqlite", newSqlite);

const servers = redisServers.length > 0 ? redisServers : [{ name: "redis", binary: "redis-server" }];

describe.skipIf(withoutRedis).each(servers)("with $name", ({ name, binary }) => {
  const server = sharedRedis([], binary);
  let last = 0;
  const newRedis = (): Promise<Endpoint> =>
    openRedisEndpoint(server().address(++last), "target", { readIndex });
  transferContract(name, newRedis);

  test("SQLite to Redis, to another Redis and back to SQLite: all four have the same records", async () => {
    const [sqlite, redis, other, back] = [
      await opened(newSqlite),
      await opened(newRedis),
      await opened(newRedis),
      await opened(newSqlite),
    ];
    await fc.assert(
      fc.asyncProperty(contents, async (all) => {
        for (const { port } of [sqlite, redis, other, back]) await port.clear();
        await fill(sqlite.port, all);
        await moveStore(sqlite, redis);
        await moveStore(redis, other);
        await moveStore(other, back);
        expect(await digests(back.port)).toEqual(await digests(sqlite.port));
      }),
      { numRuns: 15 },
    );
  });
});
