import { describe, expect, test } from "vitest";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { onRedis, onSqlite, type StoredWorld } from "../support/stored-records.ts";

const params = { namespace: "copy-archive-tags" };

/** A store in which an earlier version stored that a builtin is granted nothing. */
interface EarlierWorld extends StoredWorld {
  storeNothing(): Promise<void>;
}

/** The grants of a builtin before and after restarts of the server. */
const keepsItsGrants = (open: () => Promise<EarlierWorld>): void => {
  test("a builtin that its owner granted nothing has nothing after a restart either", async () => {
    const { serve } = await open();
    const first = await serve();
    const granted = async ({ client }: Pick<typeof first, "client">) =>
      (await client.getInstalled({ params })).plugin.granted;
    expect(await granted(first)).toEqual({ library: "read" });
    await first.client.grantPermissions({ params, body: { permissions: {} } });
    expect(await granted(first)).toEqual({});
    await first.stop();
    const second = await serve();
    expect(await granted(second)).toEqual({});
    await second.client.grantPermissions({ params, body: {} });
    await second.stop();
    expect(await granted(await serve())).toEqual({ library: "read" });
  });

  test("a builtin that an earlier version stored as granted nothing has nothing, unless its owner never granted it", async () => {
    const { serve, storeNothing } = await open();
    const first = await serve();
    await first.client.grantPermissions({ params, body: { permissions: {} } });
    await first.client.configurePlugin({ params: { namespace: "comic-info" }, body: { enabled: true } });
    await first.stop();
    await storeNothing();
    const { client } = await serve();
    expect((await client.getInstalled({ params })).plugin.granted).toEqual({});
    const finder = { params: { namespace: "source-finder" } };
    expect((await client.getInstalled(finder)).plugin.granted).toEqual({ library: "read" });
  });
};

describe("on SQLite", () =>
  keepsItsGrants(async () => {
    const world = await onSqlite();
    return { ...world, storeNothing: async () => world.change("UPDATE plugins SET granted = '{}'") };
  }));
describe.skipIf(withoutRedis)("on Redis", () => {
  const redis = sharedRedis();
  keepsItsGrants(async () => {
    const world = await onRedis(redis(), 1);
    const storeNothing = async () => {
      for (const key of await world.redis.keys("HITAGI:*COPY-ARCHIVE-TAGS*")) {
        if ((await world.redis.type(key)) === "hash") await world.redis.hset(key, "granted", "{}");
      }
    };
    return { ...world, storeNothing };
  });
});
