import { pino } from "pino";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { settlesWithin } from "../../src/async/deadline.ts";
import { createCoordinator } from "../../src/cluster/coordinator.ts";
import type { ApplyChanges, Load } from "../../src/cluster/types.ts";
import type { Store } from "../../src/store/types.ts";
import { clientOf, opened } from "../store/redis/world.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";

const LEASE = 400;

/** Whether work ends before the leases do that were given when it began. */
const withinLease = async (work: Promise<void>): Promise<boolean> => {
  const isInTime = await settlesWithin(LEASE, work);
  await work;
  return isInTime;
};

describe.skipIf(withoutRedis)("the active state on several nodes", () => {
  const server = sharedRedis();
  let db = 0;
  const nothing: ApplyChanges = async () => [];

  const join = async (
    id: string,
    takeUp: ApplyChanges = nothing,
    load: Load = async () => [],
    timeoutMs = 300,
  ) => {
    const store: Store = await opened(server(), db, { leaseMs: LEASE, timeoutMs });
    if (!store.shared) throw new Error("This store cannot be shared");
    const self = { id, host: "here", started: 1 };
    const live = createCoordinator({ nodes: store.shared.nodes, self, log: pino({ level: "silent" }) });
    await live.start(load, takeUp);
    onTestFinished(() => live.stop());
    return { store, live };
  };
  const alone = async (takeUp?: ApplyChanges) => {
    db++;
    return join("a", takeUp);
  };

  test("a node answers from memory as long as the store confirms that nothing is newer", async () => {
    const { live } = await alone();
    const until = performance.now() + 3 * LEASE;
    while (performance.now() < until) {
      expect(live.ensureFresh()).toBeUndefined();
      await new Promise(setImmediate);
    }
  });

  test("a change is active on all nodes when the call returns", async () => {
    const seen: string[] = [];
    const note =
      (name: string): ApplyChanges =>
      async (changed) => {
        seen.push(`${name} ${changed}`);
        return [];
      };
    const { store, live } = await alone(note("a"));
    await join("b", note("b"));
    await join("c", note("c"));
    await store.plugins.register("p", "script");
    expect(await withinLease(live.waitForAllNodes())).toBe(true);
    expect(seen.sort()).toEqual(["a plugin:p", "b plugin:p", "c plugin:p"]);
  });

  test("a change waits for a node that applies it slowly", async () => {
    const { store, live } = await alone();
    let release = () => {};
    const held = new Promise<[]>((resolve) => {
      release = () => resolve([]);
    });
    const applying = vi.fn(() => held);
    await join("b", applying);
    await store.plugins.register("p", "script");
    let isEverywhere = false;
    const waiting = live.waitForAllNodes().then(() => {
      isEverywhere = true;
    });
    await vi.waitFor(() => expect(applying).toHaveBeenCalled());
    expect(isEverywhere).toBe(false);
    release();
    await waiting;
  });

  test("a change waits for one lease at most; the slow node then queries the store before it answers", async () => {
    const { store, live } = await alone();
    let release = () => {};
    const held = new Promise<[]>((resolve) => {
      release = () => resolve([]);
    });
    onTestFinished(() => release());
    const slow = await join("b", () => held);
    await store.plugins.register("p", "script");
    expect(slow.live.ensureFresh()).toBeUndefined();
    const began = performance.now();
    await live.waitForAllNodes();
    expect(performance.now() - began).toBeGreaterThanOrEqual(LEASE);
    const looking = slow.live.ensureFresh();
    expect(looking).toBeInstanceOf(Promise);
    release();
    await looking;
  });

  test("a node that is gone delays others for one lease at most, and not once it is forgotten", async () => {
    const { store, live } = await alone();
    await store.shared?.nodes.sync({ id: "dead", host: "there", started: 1 }, { revision: 0, mark: "" });
    const isFast = async () => {
      await store.plugins.grant("p", {});
      return withinLease(live.waitForAllNodes());
    };
    await store.plugins.register("p", "script");
    expect(await isFast()).toBe(false);
    await vi.waitFor(async () => expect(await store.shared?.nodes.behind(1e9)).toEqual(["a"]), 5 * LEASE);
    expect(await isFast()).toBe(true);
  });

  test("a change during the load of a node is applied before it joins", async () => {
    db++;
    const client = clientOf(server(), db);
    const seen: unknown[] = [];
    const load: Load = async () => {
      await client.hincrby("HITAGI:COUNTS", "revision", 1);
      await client.zadd("HITAGI:CHANGES", 1, "plugin:p");
      return [];
    };
    const takeUp: ApplyChanges = async (changed) => {
      seen.push(changed);
      return [];
    };
    const { live } = await join("a", takeUp, load);
    expect(seen).toEqual([["plugin:p"]]);
    expect(live.ensureFresh()).toBeUndefined();
  });

  test("a node that ends while the others change things leaves, and does not come back", async () => {
    const { store, live } = await alone(async () => {
      await store.plugins.grant("p", {});
      return [];
    });
    await store.plugins.register("p", "script");
    await vi.waitFor(async () => expect((await store.shared?.nodes.revision())?.revision).toBeGreaterThan(5));
    await live.stop();
    const { revision } = (await store.shared?.nodes.revision()) ?? { revision: 0 };
    for (let n = 0; n < 20; n++) await store.shared?.nodes.list();
    expect((await store.shared?.nodes.revision())?.revision).toBe(revision);
    expect(await store.shared?.nodes.list()).toEqual([]);
  });

  test("a node that has left does not answer from memory, and is not listed", async () => {
    const { store, live } = await alone();
    await live.stop();
    await expect(live.ensureFresh()).rejects.toMatchObject({ code: "STOPPING" });
    await live.waitForAllNodes();
    expect(await store.shared?.nodes.behind(1e9)).toEqual([]);
  });

  test("a change that could not be read is applied later, and none is skipped", async () => {
    let fails = 2;
    const seen: unknown[] = [];
    const { store, live } = await alone(async (changed) => {
      if (fails-- > 0) throw new Error("the store went away");
      seen.push(changed);
      return [];
    });
    await store.plugins.register("p", "script");
    await live.waitForAllNodes();
    await vi.waitFor(() => expect(seen).toEqual([["plugin:p"]]), 5 * LEASE);
  });

  test("without Redis a node answers for a lease and no longer, and at once when Redis is back", async () => {
    const { live } = await alone();
    server().signal("SIGSTOP");
    onTestFinished(() => server().signal("SIGCONT"));
    const refused = await vi.waitUntil(() => live.ensureFresh()?.catch((e: unknown) => e), {
      timeout: 3 * LEASE + 300,
      interval: 10,
    });
    expect(refused).toMatchObject({ code: "STORE_UNREACHABLE" });
    const began = performance.now();
    await live.waitForAllNodes();
    expect(performance.now() - began).toBeGreaterThanOrEqual(LEASE);
    server().signal("SIGCONT");
    await vi.waitFor(() => live.ensureFresh(), 5000);
    expect(live.ensureFresh()).toBeUndefined();
  });

  test("a Redis that says nothing holds a change up for no longer than a lease either", async () => {
    db++;
    const { live } = await join("a", nothing, async () => [], 3000);
    server().signal("SIGSTOP");
    onTestFinished(() => server().signal("SIGCONT"));
    const began = performance.now();
    await live.waitForAllNodes();
    expect(performance.now() - began).toBeGreaterThanOrEqual(LEASE);
    expect(performance.now() - began).toBeLessThan(2 * LEASE);
  });
});
