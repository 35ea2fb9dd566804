import { describe, expect, test, vi } from "vitest";
import { leaseRegistries } from "../../src/cluster/leased-registries.ts";
import { clientOf, opened } from "../store/redis/world.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { openNode } from "./open-node.ts";

const FIELDS = { name: "r", provider: "local", path: "/r" } as const;

describe.skipIf(withoutRedis)("registries in the memory of a server", () => {
  const redis = sharedRedis();
  let db = 100;

  /** A node that says whether it is fresh, and counts what it reads from the store. */
  const leasing = async () => {
    const store = await opened(redis(), ++db, { leaseMs: 600_000 });
    const list = vi.spyOn(store.registries, "list");
    const pin = vi.spyOn(store.trust, "pin");
    const cluster = { isFresh: () => isFresh, waitForAllNodes: vi.fn(async () => {}) };
    let isFresh = true;
    const { store: leased, forget } = leaseRegistries(store, cluster);
    const reads = () => list.mock.calls.length + pin.mock.calls.length;
    /** Waits for the watch on LANraragi's keys. */
    const isKept = () =>
      vi.waitFor(async () => {
        const before = reads();
        await leased.registries.list();
        expect(reads()).toBe(before);
      });
    await isKept();
    const lose = () => {
      isFresh = false;
    };
    return { store, leased, cluster, forget, reads, isKept, lose, client: clientOf(redis(), db) };
  };

  test("are read once, and again after a change here, which waits for the other nodes", async () => {
    const { leased, cluster, reads } = await leasing();
    const { id } = await leased.registries.create(FIELDS, 100);
    expect(cluster.waitForAllNodes).toHaveBeenCalledTimes(1);
    expect((await leased.registries.list()).map(({ name }) => name)).toEqual(["r"]);
    // Redis tells of this server's own change too, a moment later.
    await vi.waitFor(async () => {
      const before = reads();
      await leased.registries.list();
      expect(await leased.registries.get(id)).toMatchObject({ id });
      expect(await leased.registries.get("REG_0000000001")).toBeUndefined();
      await leased.trust.pin(id);
      expect(reads()).toBe(before);
    });
    await leased.registries.note(id, { moved: "https://example.org" });
    expect(await leased.registries.get(id)).toMatchObject({ moved: "https://example.org" });
    await leased.trust.setPin(id, undefined);
    expect(cluster.waitForAllNodes).toHaveBeenCalledTimes(3);
  });

  test("are read again after a change by LANraragi", async () => {
    const { leased, isKept, client } = await leasing();
    const { id } = await leased.registries.create(FIELDS, 100);
    await isKept();
    await client.hset(id, "name", "theirs");
    await vi.waitFor(async () => expect(await leased.registries.get(id)).toMatchObject({ name: "theirs" }));
    await isKept();
    await client.hset("REG_0000000007", { name: "another", provider: "local", path: "/a" });
    await vi.waitFor(async () => expect(await leased.registries.list()).toHaveLength(2));
    await isKept();
    await client.flushdb();
    await vi.waitFor(async () => expect(await leased.registries.list()).toEqual([]));
  });

  test("are read from the store while the lease is lost, or the watch on other programs is", async () => {
    const { store, leased, isKept, lose, client } = await leasing();
    const { id } = await store.registries.create(FIELDS, 100);
    await vi.waitFor(async () => expect(await leased.registries.list()).toHaveLength(1));
    await isKept();
    const watching = (await client.client("LIST")) as string;
    const ids = [...watching.matchAll(/^id=(\d+) .* flags=\S*t/gm)].map(([, one]) => one ?? "");
    expect(ids.length).toBeGreaterThan(0);
    await Promise.all(ids.map((one) => client.client("KILL", "ID", one)));
    await client.hset(id, "name", "unwatched");
    await vi.waitFor(async () =>
      expect(await leased.registries.get(id)).toMatchObject({ name: "unwatched" }),
    );
    await isKept();
    lose();
    await store.registries.note(id, { moved: "https://example.org" });
    expect(await leased.registries.get(id)).toMatchObject({ moved: "https://example.org" });
  });

  test("are forgotten if a read fails, or began before a change", async () => {
    const { store, leased, forget } = await leasing();
    const { id } = await leased.registries.create(FIELDS, 100);
    vi.spyOn(store.registries, "list").mockRejectedValueOnce(new Error("gone"));
    await expect(leased.registries.list()).rejects.toThrow("gone");
    expect(await leased.registries.list()).toHaveLength(1);
    forget();
    const early = leased.registries.list();
    await leased.registries.delete(id);
    await early;
    expect(await leased.registries.list()).toEqual([]);
  });

  test("a change on one server is seen on all when it returns", async () => {
    const address = redis().address(++db);
    const [a, b] = [await openNode(address), await openNode(address)];
    const names = async () => (await b.registries.list()).map(({ name }) => name);
    await b.registries.list();
    const { id } = await a.registries.create({ name: "one", provider: "local", path: "/r" });
    expect(await names()).toEqual(["one"]);
    await a.registries.update(id, { name: "two" });
    expect(await names()).toEqual(["two"]);
    await a.registries.delete(id);
    expect(await names()).toEqual([]);
  });
});
