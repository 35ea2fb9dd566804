import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createExternalWatches } from "../../../src/store/redis/external-watch.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { mortalWay } from "./mortal-way.ts";
import { clientOf } from "./world.ts";

describe.skipIf(withoutRedis)("the watch on other programs' changes", () => {
  const server = sharedRedis();

  test("connects again after its connection died silently", async () => {
    const way = await mortalWay(server().socket);
    const { hostname: host, port } = new URL(way.address);
    // A third of it is between two tests of the connection. On a loaded machine an answer may take longer.
    const watches = createExternalWatches({ host, port: Number(port), db: 2 }, 900);
    onTestFinished(watches.end);
    const listener = vi.fn();
    const watch = watches.watch(listener);
    const isComplete = () => vi.waitFor(() => expect(watch.isComplete()).toBe(true), { timeout: 30_000 });
    await isComplete();
    way.die();
    await vi.waitFor(() => expect(watch.isComplete()).toBe(false), { timeout: 30_000 });
    await isComplete();
    listener.mockClear();
    await clientOf(server(), 2).hset("REG_0000000001", "name", "theirs");
    await vi.waitFor(() => expect(listener).toHaveBeenCalled(), { timeout: 30_000 });
  });
});
