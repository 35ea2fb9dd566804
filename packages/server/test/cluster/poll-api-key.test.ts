import { readFile } from "node:fs/promises";
import path from "node:path";
import { createClient } from "@hitagi/contract";
import { pino } from "pino";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startServer } from "../../src/app/listen.ts";
import { readConfig } from "../../src/config/config.ts";
import { clientOf } from "../store/redis/world.ts";
import { libraryOn } from "../support/one-library.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { tempFolder } from "../support/temp-folder.ts";

describe.skipIf(withoutRedis)("an API key that is changed in LANraragi while Hitagi runs", () => {
  const redis = sharedRedis();
  let db = 0;

  /** A server that polls 600 times as often as by default. */
  const serve = async (settings: Record<string, string> = {}) => {
    const data = await tempFolder();
    const store = redis().address(db);
    const library = await libraryOn(store);
    const given = { data, store, library, port: "0", warm: "0", log: "silent", ...settings };
    const server = await startServer(readConfig(given, {}), pino({ level: "silent" }), undefined, 50);
    onTestFinished(() => server.stop());
    const takes = (key: string): Promise<boolean> =>
      createClient(server.address, key)
        .listRegistries({})
        .then(
          () => true,
          (e: { code?: string }) => {
            expect(e.code).toBe("UNAUTHORIZED");
            return false;
          },
        );
    return { ...server, takes, fileOf: () => readFile(path.join(data, "api-key"), "utf8") };
  };
  const until = async (servers: Awaited<ReturnType<typeof serve>>[], key: string) => {
    await vi.waitFor(
      async () => expect(await Promise.all(servers.map(({ takes }) => takes(key)))).not.toContain(false),
      { interval: 20 },
    );
  };

  test("is active on all servers and in their files, and the old key is refused", async () => {
    db++;
    const lanraragi = clientOf(redis(), db);
    await lanraragi.hset("LRR_CONFIG", "apikey", "before");
    const [a, b, own] = [await serve(), await serve(), await serve({ apiKey: "own" })];
    await until([a, b], "before");
    await lanraragi.hset("LRR_CONFIG", "apikey", "after");
    await until([a, b], "after");
    for (const server of [a, b]) {
      expect(await server.takes("before")).toBe(false);
      await vi.waitFor(async () => expect(await server.fileOf()).toBe("after"));
    }
    expect(await own.takes("own")).toBe(true);
    expect(await own.takes("after")).toBe(false);
  });

  test("ends the event streams that were opened with the old key", async () => {
    db++;
    const lanraragi = clientOf(redis(), db);
    await lanraragi.hset("LRR_CONFIG", "apikey", "before");
    const server = await serve();
    const stream = await createClient(server.address, "before").streamEvents({ query: {} });
    const reading = (async () => {
      for await (const _ of stream);
    })();
    await lanraragi.hset("LRR_CONFIG", "apikey", "after");
    await reading;
    expect(await server.takes("before")).toBe(false);
  });

  test("replaces the servers' own key when it is set, which is active again when it is removed", async () => {
    db++;
    const lanraragi = clientOf(redis(), db);
    const [a, b] = [await serve(), await serve()];
    const { key } = a.apiKey;
    await until([a, b], key);
    await lanraragi.hset("LRR_CONFIG", "apikey", "theirs");
    await until([a, b], "theirs");
    expect(await a.takes(key)).toBe(false);
    await lanraragi.hset("LRR_CONFIG", "apikey", "");
    await until([a, b], key);
    expect([await a.takes("theirs"), await b.takes("theirs")]).toEqual([false, false]);
    await vi.waitFor(async () => expect(await b.fileOf()).toBe(key));
  });
});
