import { toNamespace } from "@hitagi/contract";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Store } from "../../../src/store/types.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { clientOf, opened } from "./world.ts";

const node = (id: string, started = 1) => ({ id, host: `${id}.example`, started });
const fields = { name: "r", provider: "local", path: "/r" } as const;
const sha = "a".repeat(64);
const none = { revision: 0, mark: "" };
/** A change that no node has applied. */
const EVERY = 1e9;

const nodesOf = ({ shared }: Store) => {
  if (!shared) throw new Error("This store cannot be shared");
  return shared.nodes;
};

describe.skipIf(withoutRedis)("the nodes on a Redis", () => {
  const server = sharedRedis();
  let db = 0;
  const open = async (options = {}) => {
    const store = await opened(server(), ++db, options);
    return { store, nodes: nodesOf(store), client: clientOf(server(), db) };
  };

  test("a library belongs to the nodes that use it until they are gone", async () => {
    const { nodes } = await open({ leaseMs: 300 });
    expect(await nodes.isLibrary("a")).toBe(true);
    await nodes.sync(node("a"), none);
    expect(await nodes.isLibrary("a")).toBe(true);
    expect(await nodes.isLibrary("b")).toBe(false);
    await nodes.leave("a");
    expect(await nodes.isLibrary("b")).toBe(true);
    await nodes.sync(node("b"), none);
    expect(await nodes.isLibrary("a")).toBe(false);
  });

  test("each change that other nodes apply is logged once, with a larger revision", async () => {
    const { store, nodes } = await open();
    const { plugins, registries, catalog, keys } = store;
    let taken = await nodes.revision();
    const news = async () => {
      const { changed, ...newest } = await nodes.sync(node("a"), taken);
      expect(newest.revision).toBeGreaterThanOrEqual(taken.revision);
      taken = newest;
      return changed;
    };
    expect(await news()).toEqual([]);
    await plugins.register("p", "metadata");
    expect(await news()).toEqual(["plugin:p"]);
    await plugins.register("p", "metadata");
    expect(await news()).toEqual([]);
    await plugins.configure(toNamespace("P"), { enabled: true });
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
    expect(await news()).toEqual(["registries"]);
    await catalog.replace(id, updated, meta, Buffer.from("{}"), []);
    expect(await news()).toEqual([`registry:${id}`]);
    await registries.note(id, { moved: "https://example.org" });
    expect(await news()).toEqual(["registries"]);
    await catalog.touch(id, 2);
    expect(await news()).toEqual(["registries"]);
    await registries.delete(id);
    expect(await news()).toEqual([`registry:${id}`]);
    const key = { id: "k", name: "k", scope: "read" as const, hash: sha };
    await keys.create({ ...key, created: 1, expires: null, lastUsed: null });
    await keys.delete("k");
    expect(await news()).toEqual(["keys"]);
    await store.documents.set("d", 1, 0);
    expect(await news()).toEqual(["documents"]);
  });

  test("a rejected change logs nothing", async () => {
    const { store, nodes } = await open();
    await expect(store.plugins.configure("none", { hidden: true })).rejects.toThrow();
    await expect(store.registries.delete("REG_0000000001")).rejects.toThrow();
    await store.registries.note("REG_0000000001", {});
    await store.catalog.touch("REG_0000000001", 1);
    expect(await store.keys.delete("none")).toBe(false);
    expect(await store.documents.set("d", 1, 1)).toBeUndefined();
    expect(await nodes.revision()).toEqual(none);
  });

  test("a node is behind until it reports that it has applied a change", async () => {
    const { store, nodes } = await open();
    await nodes.sync(node("a", 1), none);
    await nodes.sync(node("b", 2), none);
    await store.plugins.register("p", "script");
    const newest = await nodes.revision();
    const { revision } = newest;
    expect(await nodes.behind(revision)).toEqual(["a", "b"]);
    await nodes.sync(node("b", 2), newest);
    expect(await nodes.behind(revision)).toEqual(["a"]);
    await nodes.leave("a");
    expect(await nodes.behind(revision)).toEqual([]);
    const [left, ...others] = await nodes.list();
    expect(others).toEqual([]);
    expect(left).toMatchObject({ id: "b", host: "b.example", started: 2, taken: revision });
    expect(Math.abs((left?.heard ?? 0) - Date.now() / 1000)).toBeLessThan(60);
  });

  test("the list has what a node says of itself, and the offset of its clock", async () => {
    const { nodes } = await open();
    const about = { version: "1.2.3", address: "http://127.0.0.1:1" };
    const began = performance.now();
    await nodes.sync({ ...node("a"), ...about }, none);
    const [timely] = await nodes.list();
    expect(timely).toMatchObject({ id: "a", ...about });
    // The node's time is as old as its request.
    expect(Math.abs(timely?.ahead ?? Number.NaN)).toBeLessThanOrEqual(
      Math.ceil((performance.now() - began) / 1000),
    );
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 3_600_000 });
    onTestFinished(() => void vi.useRealTimers());
    await nodes.sync(node("a"), none);
    const [late] = await nodes.list();
    expect(late?.ahead).toBeLessThan(-3590);
    expect(late?.version).toBeUndefined();
  });

  test("a node that is silent for two leases is not listed", async () => {
    const { nodes, client } = await open();
    await nodes.sync(node("a"), none);
    await client.zincrby("HITAGI:NODES", -5000, "a");
    expect(await nodes.list()).toHaveLength(1);
    await client.zincrby("HITAGI:NODES", -1001, "a");
    expect(await nodes.list()).toEqual([]);
  });

  test("a node is removed by another that sees it silent for longer than a lease", async () => {
    const { nodes, client } = await open({ leaseMs: 100 });
    await nodes.sync(node("a"), none);
    expect(await nodes.behind(EVERY)).toEqual(["a"]);
    const began = performance.now();
    await vi.waitFor(async () => {
      await nodes.sync(node("b"), await nodes.revision());
      expect(await client.hkeys("HITAGI:NODES:STATE")).toEqual(["b"]);
    });
    expect(performance.now() - began).toBeGreaterThan(100);
    expect(await nodes.behind(EVERY)).toEqual(["b"]);
  });

  test.each([
    ["ahead", -3_600_000],
    ["back", 3_600_000],
  ])("a clock of Redis that is set %s makes no node forget one that lives", async (_how, ms) => {
    const { nodes, client } = await open({ leaseMs: 5 });
    let times = 0;
    // Each time by another amount: a node that was heard of at the same time as before would not have been heard of since.
    const set = () => client.zincrby("HITAGI:NODES", ms + times++, "a");
    const others = nodesOf(await opened(server(), db, { leaseMs: 5 }));
    await nodes.sync(node("a"), none);
    for (let n = 0; n < 50; n++) {
      await set();
      await others.sync(node("b"), await others.revision());
      expect(await nodes.behind(EVERY)).toContain("a");
      await nodes.sync(node("a"), none);
    }
    await set();
    await vi.waitFor(async () => {
      await others.sync(node("b"), await others.revision());
      expect(await nodes.behind(EVERY)).not.toContain("a");
    });
  });

  test("a store that was put back to an earlier state answers that all may have changed", async () => {
    const { store, nodes, client } = await open();
    await store.plugins.register("p", "script");
    const taken = await nodes.revision();
    await client.flushdb();
    expect(await nodes.sync(node("a"), taken)).toEqual({ ...none, changed: "all", hasOthers: false });
  });

  test("the same when at least as many changes were made since as were lost", async () => {
    const { store, nodes, client } = await open();
    await store.plugins.register("p", "script");
    const taken = await nodes.revision();
    await client.flushdb();
    for (const namespace of ["q", "r"]) {
      await store.plugins.register(toNamespace(namespace), "script");
      const newest = await nodes.revision();
      expect(await nodes.sync(node("a"), taken)).toEqual({ ...newest, changed: "all", hasOthers: false });
    }
  });

  test("a node that has applied changes which the store lost is behind later changes", async () => {
    const { store, nodes, client } = await open();
    for (const namespace of ["p", "q", "r"]) await store.plugins.register(toNamespace(namespace), "script");
    const taken = await nodes.revision();
    await client.flushdb();
    await nodes.sync(node("a"), taken);
    await store.plugins.register("s", "script");
    expect(await nodes.behind(1)).toEqual(["a"]);
    await nodes.sync(node("a"), await nodes.revision());
    expect(await nodes.behind(1)).toEqual([]);
  });

  test("a node that was away for longer than changes keep their marks reads everything", async () => {
    const { store, nodes } = await open();
    await store.plugins.register("p", "script");
    const taken = await nodes.revision();
    for (let n = 0; n < 999; n++) await store.plugins.grant("p", {});
    expect((await nodes.sync(node("a"), taken)).changed).toEqual(["plugin:p"]);
    await store.plugins.grant("p", {});
    expect((await nodes.sync(node("a"), taken)).changed).toBe("all");
  });

  test("no node joins a store with an unfinished copy", async () => {
    const { nodes, client } = await open();
    await client.set("HITAGI:TRANSFER", "1");
    await expect(nodes.sync(node("a"), none)).rejects.toMatchObject({ code: "STORE_UNFINISHED" });
    expect(await nodes.list()).toEqual([]);
  });

  test("a follower is called soon after a change, and not after it ends its subscription", async () => {
    const { store, nodes } = await open();
    const heard = vi.fn();
    const end = nodes.follow(heard);
    onTestFinished(end);
    // One call is for the start of the subscription.
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1));
    await store.plugins.register("p", "script");
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(2));
    end();
    await store.plugins.register("q", "script");
    await store.plugins.get("q");
    expect(heard).toHaveBeenCalledTimes(2);
  });
});
