import { pino } from "pino";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createCoordinator } from "../../src/cluster/coordinator.ts";
import type { ApplyChanges, Cluster, Load } from "../../src/cluster/types.ts";
import type { Store } from "../../src/store/types.ts";
import { clientOf, opened } from "../store/redis/world.ts";
import { gate } from "../support/gate.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";

const LEASE = 400;

interface NodeOptions {
  load?: Load;
  leaseMs?: number;
  timeoutMs?: number;
}

/** Whether a node answers from memory. Its query of the store may fail otherwise. */
const answersFromMemory = (live: Cluster): boolean => {
  const query = live.ensureFresh();
  query?.catch(() => {});
  return query === undefined;
};

describe.skipIf(withoutRedis)("the active state on several nodes", () => {
  const server = sharedRedis();
  let db = 0;
  const nothing: ApplyChanges = async () => [];

  const join = async (
    id: string,
    applyChanges: ApplyChanges = nothing,
    { load = async () => [], leaseMs = LEASE, timeoutMs = 60_000 }: NodeOptions = {},
  ) => {
    const store: Store = await vi.waitFor(() => opened(server(), db, { leaseMs, timeoutMs }));
    if (!store.shared) throw new Error("This store cannot be shared");
    const sync = vi.fn(store.shared.nodes.sync);
    const nodes = { ...store.shared.nodes, sync };
    const self = { id, host: "here", started: 1 };
    const live = createCoordinator({ nodes, self, log: pino({ level: "silent" }) });
    await live.start(load, applyChanges);
    onTestFinished(() => live.stop());
    return { store, live, sync };
  };
  const alone = async (applyChanges?: ApplyChanges, options?: NodeOptions) => {
    db++;
    return join("a", applyChanges, options);
  };

  test("a node answers from memory as long as the store confirms that nothing is newer", async () => {
    const { live, sync } = await alone(nothing, { leaseMs: 2000 });
    // Three confirmations come in the life of a lease.
    for (let confirmed = 0; confirmed < 4; confirmed++) {
      const before = sync.mock.settledResults.length;
      await vi.waitFor(() => expect(sync.mock.settledResults.length).toBeGreaterThan(before), {
        interval: 1,
      });
      expect(live.ensureFresh()).toBeUndefined();
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
    // A wait for the end of a lease would outlast the test.
    const options = { leaseMs: 600_000 };
    const { store, live } = await alone(note("a"), options);
    await join("b", note("b"), options);
    await join("c", note("c"), options);
    await store.plugins.register("p", "script");
    await live.waitForAllNodes();
    expect(seen.sort()).toEqual(["a plugin:p", "b plugin:p", "c plugin:p"]);
  });

  test("a change waits for a node that applies it slowly", async () => {
    // A wait for the end of a lease would outlast the test.
    const options = { leaseMs: 600_000 };
    const { store, live } = await alone(nothing, options);
    const { open: release, opened: released } = gate();
    const applying = vi.fn(async () => {
      await released;
      return [];
    });
    await join("b", applying, options);
    await store.plugins.register("p", "script");
    let isApplied = false;
    const waiting = live.waitForAllNodes().then(() => {
      isApplied = true;
    });
    await vi.waitFor(() => expect(applying).toHaveBeenCalled());
    expect(isApplied).toBe(false);
    release();
    await waiting;
  });

  test("a change waits for one lease at most; the slow node then queries the store before it answers", async () => {
    const { store, live } = await alone();
    const { open: release, opened: released } = gate();
    onTestFinished(release);
    const slow = await join("b", async () => {
      await released;
      return [];
    });
    await vi.waitFor(() => expect(answersFromMemory(slow.live)).toBe(true));
    await store.plugins.register("p", "script");
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
    await store.plugins.register("p", "script");
    const began = performance.now();
    await live.waitForAllNodes();
    expect(performance.now() - began).toBeGreaterThanOrEqual(LEASE);
    await vi.waitFor(async () => expect(await store.shared?.nodes.behind(1e9)).toEqual(["a"]));
    const patient = await join("b", nothing, { leaseMs: 600_000 });
    await patient.store.plugins.grant("p", {});
    // A wait for the end of its lease would outlast the test.
    await patient.live.waitForAllNodes();
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
    const applyChanges: ApplyChanges = async (changed) => {
      seen.push(changed);
      return [];
    };
    const { live } = await join("a", applyChanges, { load });
    expect(seen).toEqual([["plugin:p"]]);
    await vi.waitFor(() => expect(answersFromMemory(live)).toBe(true));
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
    await vi.waitFor(() => expect(seen).toEqual([["plugin:p"]]));
  });

  test("without Redis a node answers for a lease and no longer, and at once when Redis is back", async () => {
    const { live } = await alone(nothing, { timeoutMs: 1000 });
    server().signal("SIGSTOP");
    onTestFinished(() => server().signal("SIGCONT"));
    await vi.waitFor(() => expect(live.ensureFresh()).rejects.toMatchObject({ code: "STORE_UNREACHABLE" }));
    const began = performance.now();
    await live.waitForAllNodes();
    expect(performance.now() - began).toBeGreaterThanOrEqual(LEASE);
    server().signal("SIGCONT");
    await vi.waitFor(() => expect(answersFromMemory(live)).toBe(true));
  });

  test("a Redis that does not answer delays a change for one lease at most", async () => {
    db++;
    const { live } = await join("a", nothing, { timeoutMs: 600_000 });
    server().signal("SIGSTOP");
    onTestFinished(() => server().signal("SIGCONT"));
    const began = performance.now();
    // A wait for the store's answer would outlast the test.
    await live.waitForAllNodes();
    expect(performance.now() - began).toBeGreaterThanOrEqual(LEASE);
  });
});
