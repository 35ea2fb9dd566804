import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openRedisStore } from "../../../src/store/redis/open.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { mortalWay } from "./mortal-way.ts";

describe.skipIf(withoutRedis)("a connection that died silently", () => {
  const server = sharedRedis();

  test("is closed after a reply timed out, and another is made", async () => {
    const way = await mortalWay(server().socket);
    const store = await openRedisStore(way.address, { timeoutMs: 300, onError: () => {} });
    onTestFinished(() => store.close());
    await store.registries.list();
    way.die();
    await expect(store.registries.list()).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    await vi.waitFor(() => store.registries.list());
  });
});
