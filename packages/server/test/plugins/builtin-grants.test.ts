import { describe, expect, test } from "vitest";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { onRedis, onSqlite, type StoredWorld } from "../support/stored-records.ts";

const params = { namespace: "copy-archive-tags" };

/** The grants of a builtin before and after restarts of the server. */
const keepsItsGrants = (open: () => Promise<StoredWorld>): void => {
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
};

describe("on SQLite", () => keepsItsGrants(onSqlite));
describe.skipIf(withoutRedis)("on Redis", () => {
  const redis = sharedRedis();
  keepsItsGrants(() => onRedis(redis(), 1));
});
