import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Store } from "../../../src/store/types.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { clientOf, opened } from "./world.ts";

const node = (id: string, started = 1) => ({ id, host: `${id}.example`, started });
const fields = { name: "r", provider: "local", path: "/r" } as const;
const sha = "a".repeat(64);

const nodesOf = ({ nodes }: Store) => {
  if (!nodes) throw new Error("this store has no nodes");
  return nodes;
};

describe.skipIf(withoutRedis)("the nodes on a Redis", () => {
  const server = sharedRedis();
  let db = 0;
  const open = async (options = {}) => {
    const store = await opened(server(), ++db, options);
    return { store, nodes: nodesOf(store), client: clientOf(server(), db) };
  };

  test("a library is theirs whom it was found with, until they are gone", async () => {
    const { nodes } = await open({ leaseMs: 300 });
    expect(await nodes.isLibrary("a")).toBe(true);
    await nodes.sync(node("a"), 0);
    expect(await nodes.isLibrary("a")).toBe(true);
    expect(await nodes.isLibrary("b")).toBe(false);
    await nodes.leave("a");
    expect(await nodes.isLibrary("b")).toBe(true);
    await nodes.sync(node("b"), 0);
    expect(await nodes.isLibrary("a")).toBe(false);
  });

  test("each change that others have to take up is told, once, with a larger number", async () => {
    const { store, nodes } = await open();
    const { plugins, registries, catalog, keys } = store;
    let taken = await nodes.revision();
    const news = async () => {
      const { revision, changed } = await nodes.sync(node("a"), taken);
      expect(revision).toBeGreaterThanOrEqual(taken);
      taken = revision;
      return changed;
    };
    expect(await news()).toEqual([]);
    await plugins.register("p", "metadata");
    expect(await news()).toEqual(["plugin:p"]);
    await plugins.register("p", "metadata");
    expect(await news()).toEqual([]);
    await plugins.configure("P", { enabled: true });
    expect(await news()).toEqual(["plugin:p"]);
    await plugins.set("p", { a: 1 });
    await plugins.grant("p", { net: ["example.org"] });
    await plugins.quarantine("p", { reason: "it fell", since: 1 });
    expect(await news()).toEqual(["plugin:p"]);
    const provenance = { path: "Sideloaded/p.ts", version: "1.0.0", registry: null, sha256: sha };
    const after = { provenance: { ...provenance, type: "metadata" as const }, granted: {} };
    await plugins.commit({ namespace: "p", expect: undefined, after, now: 1 });
    expect(await news()).toEqual(["plugin:p"]);
    await plugins.commit({ namespace: "p", expect: sha, after: undefined, now: 1 });
    expect(await news()).toEqual(["plugin:p"]);
    const { id, updated } = await registries.create(fields, 100);
    const meta = { generated_at: "2026-01-02T03:04:05Z", refreshed: 1, plugins: 0 };
    await catalog.replace(id, updated, meta, Buffer.from("{}"), []);
    expect(await news()).toEqual([`registry:${id}`]);
    await registries.delete(id);
    expect(await news()).toEqual([`registry:${id}`]);
    const key = { id: "k", name: "k", scope: "read" as const, hash: sha };
    await keys.create({ ...key, created: 1, expires: null, lastUsed: null });
    await keys.delete("k");
    expect(await news()).toEqual(["keys"]);
  });

  test("what was refused changes nothing", async () => {
    const { store, nodes } = await open();
    await expect(store.plugins.configure("none", { hidden: true })).rejects.toThrow();
    await expect(store.registries.delete("REG_0000000001")).rejects.toThrow();
    expect(await store.keys.delete("none")).toBe(false);
    expect(await nodes.revision()).toBe(0);
  });

  test("a node is behind until it says that it has taken a change up", async () => {
    const { store, nodes } = await open();
    await nodes.sync(node("a", 1), 0);
    await nodes.sync(node("b", 2), 0);
    await store.plugins.register("p", "script");
    const revision = await nodes.revision();
    expect(await nodes.behind(revision)).toEqual(["a", "b"]);
    await nodes.sync(node("b", 2), revision);
    expect(await nodes.behind(revision)).toEqual(["a"]);
    await nodes.leave("a");
    expect(await nodes.behind(revision)).toEqual([]);
    const [left, ...none] = await nodes.list();
    expect(none).toEqual([]);
    expect(left).toMatchObject({ id: "b", host: "b.example", started: 2, taken: revision });
    expect(Math.abs((left?.heard ?? 0) - Date.now() / 1000)).toBeLessThan(60);
  });

  test("a node that was not heard of for two leases is forgotten", async () => {
    const { nodes, client } = await open({ leaseMs: 100 });
    await nodes.sync(node("a"), 0);
    await client.zincrby("HITAGI:NODES", -150, "a");
    expect(await nodes.behind(1)).toEqual(["a"]);
    await client.zincrby("HITAGI:NODES", -51, "a");
    await nodes.sync(node("b"), 0);
    expect(await nodes.behind(1)).toEqual(["b"]);
    expect(await client.hkeys("HITAGI:NODES:STATE")).toEqual(["b"]);
  });

  test("a store that was put back to an earlier state tells that all may have changed", async () => {
    const { store, nodes, client } = await open();
    await store.plugins.register("p", "script");
    await client.flushdb();
    expect(await nodes.sync(node("a"), 1)).toEqual({ revision: 0, changed: "all" });
  });

  test("no node joins a store that something is being copied into", async () => {
    const { nodes, client } = await open();
    await client.set("HITAGI:TRANSFER", "1");
    await expect(nodes.sync(node("a"), 0)).rejects.toMatchObject({ code: "STORE_UNFINISHED" });
    expect(await nodes.list()).toEqual([]);
  });

  test("whoever follows is called soon after a change, and no more once it has ended that", async () => {
    const { store, nodes } = await open();
    const heard = vi.fn();
    const end = nodes.follow(heard);
    onTestFinished(end);
    // Once for the beginning, from which on nothing is missed.
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1));
    await store.plugins.register("p", "script");
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(2));
    end();
    await store.plugins.register("q", "script");
    await store.plugins.get("q");
    expect(heard).toHaveBeenCalledTimes(2);
  });
});
