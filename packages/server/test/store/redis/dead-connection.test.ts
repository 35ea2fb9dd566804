import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openRedisStore } from "../../../src/store/redis/open.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { mortalWay } from "./mortal-way.ts";

describe.skipIf(withoutRedis)("a connection that died silently", () => {
  const server = sharedRedis();

  test("is closed after a reply timed out, and another is made", async () => {
    const way = await mortalWay(server().socket);
    const options = { timeoutMs: 300, onError: () => {} };
    // On a loaded machine a reply may take longer than that.
    const store = await vi.waitFor(() => openRedisStore(way.address, options));
    onTestFinished(() => store.close());
    await vi.waitFor(() => store.registries.list());
    way.die();
    await expect(store.registries.list()).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    await vi.waitFor(() => store.registries.list());
  });
});
