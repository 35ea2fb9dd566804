import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createSharedBus } from "../../src/events/shared.ts";
import type { EventBus } from "../../src/events/types.ts";
import { parseRedisAddress } from "../../src/store/redis/address.ts";
import { connect } from "../../src/store/redis/connection.ts";
import { createFeed } from "../../src/store/redis/feed.ts";
import type { Feed } from "../../src/store/types.ts";
import { clientOf } from "../store/redis/world.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { type RedisServer, runRedis } from "../support/redis-process.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { archive, busContract, following } from "./bus-contract.ts";

const silent = { warn: () => {} };

/** The feed of a database as one server has it, on connections of its own. */
const feedOn = async (server: RedisServer, db: number, kept = 1000): Promise<Feed> => {
  const address = parseRedisAddress(server.address(db));
  if ("fault" in address) throw new Error(address.fault);
  const connection = await connect(address.options, 10_000);
  const { feed, end } = createFeed(connection, address.options, { kept, onError: () => {} });
  onTestFinished(async () => {
    end();
    await connection.close();
  });
  return feed;
};

const busOn = (feed: Feed): EventBus => {
  const bus = createSharedBus({ feed, log: silent });
  onTestFinished(() => bus.close());
  return bus;
};

/** The bus of one server more on a database. */
const node = async (server: RedisServer, db: number, kept?: number): Promise<EventBus> =>
  busOn(await feedOn(server, db, kept));

const ids = (events: readonly { id: string }[]): string[] => events.map(({ id }) => id);

describe.skipIf(withoutRedis)("over Redis", () => {
  const server = sharedRedis();
  let databases = 100;
  busContract((kept) => node(server(), databases++, kept));

  test("readers of all servers hear what happens on any, in one order, none twice", async () => {
    const buses = [await node(server(), 1), await node(server(), 1), await node(server(), 1)];
    const readers = await Promise.all(buses.map((bus) => following(bus)));
    const count = 300;
    for (let n = 0; n < count; n++) {
      buses[n % 3]?.publish(archive(n));
      if (n % 10 === 0) await new Promise(setImmediate);
    }
    const late = await following(buses[1] as EventBus, readers[0]?.begun[0]?.id);
    for (const reader of [...readers, late]) await reader.heard(count);
    const [first] = readers;
    for (const reader of [...readers, late]) {
      expect(ids(reader.events)).toEqual(ids(first?.events ?? []));
      expect(new Set(reader.titles()).size).toBe(count);
      expect(reader.begun).toHaveLength(1);
    }
    for (const n of [0, 1, 2]) {
      const ofOne = first?.titles().filter((title) => Number(title.split(" ")[1]) % 3 === n);
      expect(ofOne, "what one server tells stays in its order").toEqual(
        Array.from({ length: count / 3 }, (_, at) => `archive ${at * 3 + n}`),
      );
    }
  });

  test("a reader goes on where it was, on another server and after all were restarted", async () => {
    const [a, b] = [await node(server(), 2), await node(server(), 2)];
    const reader = await following(a);
    for (const n of [1, 2, 3]) a.publish(archive(n));
    await reader.heard(3);
    const elsewhere = await following(b, reader.events[0]?.id);
    expect([elsewhere.begun[0]?.reset, ...elsewhere.titles()]).toEqual([false, "archive 2", "archive 3"]);
    await Promise.all([a.close(), b.close()]);
    const later = await following(await node(server(), 2), reader.events[1]?.id);
    expect([later.begun[0]?.reset, ...later.titles()]).toEqual([false, "archive 3"]);
  });

  test("an event that a server publishes as it stops is delivered", async () => {
    const [a, b] = [await node(server(), 3), await node(server(), 3)];
    const reader = await following(b);
    a.publish(archive(1));
    await a.close();
    a.publish(archive(2));
    await reader.heard(1);
    expect(reader.titles()).toEqual(["archive 1"]);
  });

  test("an announcement whose answer was lost is sent again, and delivered once", async () => {
    const feed = await feedOn(server(), 4);
    const reader = await following(busOn(feed));
    await feed.add("a", ['{"kind":"archive","title":"x"}'], false);
    await feed.add("b", ['{"kind":"archive","title":"y"}'], false);
    await feed.add("a", ['{"kind":"archive","title":"x"}'], true);
    await feed.add("c", ['{"kind":"archive","title":"z"}'], true);
    await reader.heard(3);
    expect(reader.titles()).toEqual(["x", "y", "z"]);
  });

  test("what no server wrote is left out, and what follows it is heard", async () => {
    const feed = await feedOn(server(), 5);
    const reader = await following(busOn(feed));
    const client = clientOf(server(), 5);
    for (const text of ["{", "7", "null", "[]"]) {
      await client.xadd("HITAGI:EVENTS", "*", "after", "0-0", "batch", "x", "text", text);
    }
    await client.xadd("HITAGI:EVENTS", "*", "a", "b");
    await feed.add("a", ['{"kind":"archive","title":"x"}'], false);
    await reader.heard(1);
    expect(reader.titles()).toEqual(["x"]);
  });

  test("what cannot be read is tried again now and then, and does not keep Redis busy", async () => {
    const feed = await feedOn(server(), 6);
    const reader = await following(busOn(feed));
    const client = clientOf(server(), 6);
    const run = (await client.getdel("HITAGI:EVENTS:RUN")) ?? "";
    await client.lpush("HITAGI:EVENTS:RUN", "no text");
    const reads = async () =>
      Number(/cmdstat_evalsha:calls=(\d+)/.exec(await client.info("commandstats"))?.[1]);
    const before = await reads();
    await client.xadd(
      "HITAGI:EVENTS",
      "*",
      "after",
      "0-0",
      "batch",
      "b",
      "text",
      '{"kind":"archive","title":"x"}',
    );
    const began = performance.now();
    await vi.waitFor(async () => expect((await reads()) - before).toBeGreaterThanOrEqual(3));
    // A second between two tries: how many were made counts against the time that they took.
    expect((await reads()) - before).toBeLessThan(3 + (performance.now() - began) / 900);
    await client.set("HITAGI:EVENTS:RUN", run);
    await reader.heard(1);
  });

  test("a store that was emptied tells its readers that they missed something, and goes on", async () => {
    const bus = await node(server(), 5);
    const reader = await following(bus);
    bus.publish(archive(1));
    await reader.heard(1);
    await clientOf(server(), 5).flushdb();
    bus.publish(archive(2));
    await vi.waitFor(() => expect(reader.begun.map(({ reset }) => reset)).toEqual([false, true]));
    bus.publish(archive(3));
    await vi.waitFor(() => expect(reader.titles().at(-1)).toBe("archive 3"));
    expect((await following(bus, reader.events[0]?.id)).begun[0]?.reset).toBe(true);
  });
});

describe.skipIf(withoutRedis)("a Redis that goes and comes back", () => {
  const durable = ["--appendonly", "yes", "--appendfsync", "always"];

  test("loses no announcement of a living server, delivers none twice, and never delays the publisher", async () => {
    const folder = await tempFolder();
    let server = await runRedis(folder, durable);
    const [a, b] = [await node(server, 1), await node(server, 1)];
    const reader = await following(b);
    for (let n = 0; n < 50; n++) a.publish(archive(n));
    await server.kill();
    for (let n = 50; n < 100; n++) expect(a.publish(archive(n))).toBeUndefined();
    await expect(following(a)).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    server = await runRedis(folder, durable);
    onTestFinished(() => server.kill());
    await reader.heard(100);
    expect(reader.titles()).toEqual(Array.from({ length: 100 }, (_, n) => `archive ${n}`));
    expect(reader.begun).toHaveLength(1);
    b.publish(archive(100));
    await reader.heard(101);
  });

  test("one that lost everything is a new run: its readers hear a reset", async () => {
    const folder = await tempFolder();
    let server = await runRedis(folder);
    const bus = await node(server, 1);
    const reader = await following(bus);
    bus.publish(archive(1));
    await reader.heard(1);
    await server.kill();
    server = await runRedis(folder);
    onTestFinished(() => server.kill());
    bus.publish(archive(2));
    await vi.waitFor(() => expect(reader.begun).toHaveLength(2));
    bus.publish(archive(3));
    await vi.waitFor(() => expect(reader.titles().at(-1)).toBe("archive 3"));
  });
});
