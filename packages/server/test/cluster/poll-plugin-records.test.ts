import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createPluginRecordPoll } from "../../src/cluster/poll-plugin-records.ts";
import { clientOf, opened } from "../store/redis/world.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";

describe.skipIf(withoutRedis)("records that LANraragi changes while Hitagi runs", () => {
  const server = sharedRedis();

  test("are applied once when they are added, changed or removed", async () => {
    const store = await opened(server(), 2);
    const client = clientOf(server(), 2);
    await store.plugins.register("kept", "metadata");
    await store.plugins.register("gone", "metadata");
    const seen: unknown[] = [];
    const watch = createPluginRecordPoll({
      store: store.plugins,
      applyChanges: async (changed) => {
        seen.push(changed);
        return [];
      },
      onError: (error) => void seen.push(error),
      everyMs: 20,
    });
    await watch.noteRecords();
    await client.hset("LRR_PLUGIN_KEPT", "priority", "1");
    watch.start();
    onTestFinished(() => watch.stop());
    const next = async (...topics: string[]) => {
      await vi.waitFor(() => expect(seen).toHaveLength(1));
      expect(seen.pop()).toEqual(topics);
    };
    await next("plugin:kept");
    await client.hset("LRR_PLUGIN_KEPT", "enabled", "1");
    await next("plugin:kept");
    await client.hset("LRR_PLUGIN_NEW", "type", "script");
    await next("plugin:new");
    await client.multi().del("LRR_PLUGIN_GONE").del("HITAGI:PLUGIN:GONE").exec();
    await next("plugin:gone");
    await client.hset("LRR_PLUGIN_KEPT", "hidden", "1");
    await next("plugin:kept");
  });

  test("a record that is already active is not applied again, and later changes by LANraragi are", async () => {
    const store = await opened(server(), 3);
    const client = clientOf(server(), 3);
    const taken: string[] = [];
    let looks = 0;
    const watch = createPluginRecordPoll({
      store: {
        list: async () => {
          const records = await store.plugins.list();
          looks++;
          return records;
        },
      },
      applyChanges: async (changed) => {
        taken.push(...(changed as string[]));
        return [];
      },
      onError: (error) => void taken.push(String(error)),
      everyMs: 20,
    });
    await watch.noteRecords();
    await store.plugins.register("ours", "script");
    watch.noteApplied("ours", await store.plugins.get("ours"));
    watch.start();
    onTestFinished(() => watch.stop());
    await vi.waitFor(() => expect(looks).toBeGreaterThan(2));
    expect(taken).toEqual([]);
    await client.hset("LRR_PLUGIN_OURS", "enabled", "1");
    await vi.waitFor(() => expect(taken).toEqual(["plugin:ours"]));
  });
});
