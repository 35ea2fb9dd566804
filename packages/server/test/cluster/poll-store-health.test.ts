import { describe, expect, onTestFinished, test, vi } from "vitest";
import { pollStoreHealth } from "../../src/cluster/poll-store-health.ts";
import { clientOf, opened } from "../store/redis/world.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";

describe.skipIf(withoutRedis)("a wrong setting of Redis while a server uses it", () => {
  const server = sharedRedis();

  test("is logged once, and so is its correction", async () => {
    const store = await opened(server(), 1);
    const lines: string[] = [];
    const log = {
      info: (text: string) => void lines.push(text),
      warn: ({ err }: { err: Error }) => void lines.push(err.message),
    };
    onTestFinished(pollStoreHealth({ store, log: log as never, everyMs: 10 }));
    const next = async (line: RegExp): Promise<void> => {
      await vi.waitFor(() => expect(lines).toHaveLength(1));
      expect(lines.pop()).toMatch(line);
    };
    const admin = clientOf(server(), 0);
    await admin.config("SET", "maxmemory", "200mb", "maxmemory-policy", "allkeys-lru");
    await next(/noeviction/);
    await admin.config("SET", "maxmemory", "1", "maxmemory-policy", "noeviction");
    await next(/no memory left/);
    await admin.config("SET", "maxmemory", "0");
    await next(/healthy again/);
    await admin.replicaof("127.0.0.1", "1");
    await next(/it is a replica/);
    await admin.replicaof("NO", "ONE");
    await next(/healthy again/);
  });
});
