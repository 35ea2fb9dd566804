import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import { connect } from "../../../src/store/redis/connection.ts";
import { createLocks } from "../../../src/store/redis/locks.ts";
import { createPluginStore } from "../../../src/store/redis/plugins.ts";
import type { Lock } from "../../../src/store/types.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { bundleScript, startBundled } from "../../support/script.ts";
import { clientOf, opened } from "./world.ts";

const script = path.join(import.meta.dirname, "scripts/hold-lock.ts");
const LIFE = 600;
const sha = (digit: string): string => digit.repeat(64);

const commitUnder = (lock: Lock, sha256: string, expected?: string) => ({
  namespace: "p" as const,
  expect: expected,
  after: {
    provenance: {
      path: "Sideloaded/p.ts",
      version: "1.0.0",
      registry: null,
      sha256,
      type: "script" as const,
    },
    granted: {},
  },
  under: [lock],
  now: 1,
});

describe.skipIf(withoutRedis)("locks between processes", () => {
  const server = sharedRedis();

  test("a lock is renewed while its holder lives", async () => {
    const { address } = server();
    // The holder may be late by almost all of it.
    const lockMs = 3000;
    const holder = startBundled(await bundleScript(script), [address(1), `${lockMs}`]);
    expect(await holder.line()).toBe("held");
    const other = await opened(server(), 1, { lockMs });
    const client = clientOf(server(), 1);
    const left = () => client.pttl("HITAGI:LOCK:plugin:p");
    // A lock is renewed three times in its life.
    for (let renewals = 0, before = await left(); renewals < 4; ) {
      expect(await other.locks.tryAcquire("plugin:p")).toBeUndefined();
      await other.locks.tryAcquire("another").then((lock) => lock?.release());
      const now = await left();
      if (now > before) renewals++;
      before = now;
    }
    holder.process.stdin?.write(`${sha("a")}\n`);
    expect(await holder.line()).toBe("done");
  });

  test("a killed holder's locks end within their lifetime, and the next server gets them all", async () => {
    const { address } = server();
    const holder = startBundled(await bundleScript(script), [address(2), `${LIFE}`]);
    expect(await holder.line()).toBe("held");
    await holder.kill();
    const store = await opened(server(), 2, { lockMs: LIFE });
    expect(await clientOf(server(), 2).pttl("HITAGI:LOCK:plugin:p")).toBeLessThanOrEqual(LIFE);
    await vi.waitFor(
      async () => expect(await store.locks.tryAcquire("plugin:p")).toMatchObject({ key: "plugin:p" }),
      { interval: 20 },
    );
  });

  test("a holder that was suspended for longer than a lock's lifetime cannot commit", async () => {
    const { address } = server();
    const holder = startBundled(await bundleScript(script), [address(3), `${LIFE}`]);
    expect(await holder.line()).toBe("held");
    holder.process.kill("SIGSTOP");
    const store = await opened(server(), 3, { lockMs: LIFE });
    const lock = await vi.waitFor(
      async () => {
        const taken = await store.locks.tryAcquire("plugin:p");
        if (!taken) throw new Error("the lock of a stopped holder did not end");
        return taken;
      },
      { interval: 20 },
    );
    await store.plugins.commit(commitUnder(lock, sha("b")));
    holder.process.stdin?.write(`${sha("a")}\n`);
    holder.process.kill("SIGCONT");
    expect(await holder.line()).toBe("LOCK_LOST");
    expect((await store.plugins.get("p"))?.provenance?.sha256).toBe(sha("b"));
    expect(await store.plugins.versions("p")).toHaveLength(1);
  });

  test("a holder that was suspended for too long has lost its locks even if no other took them", async () => {
    const { address } = server();
    const holder = startBundled(await bundleScript(script), [address(4), `${LIFE}`]);
    expect(await holder.line()).toBe("held");
    holder.process.kill("SIGSTOP");
    const client = clientOf(server(), 4);
    while ((await client.exists("HITAGI:LOCK:plugin:p")) > 0) await client.wait(1, 50);
    holder.process.stdin?.write(`${sha("a")}\n`);
    holder.process.kill("SIGCONT");
    expect(await holder.line()).toBe("LOCK_LOST");
    expect(await client.exists("LRR_PLUGIN_P", "HITAGI:PLUGIN:P")).toBe(0);
  });

  test("the commit compares the token: it fails if another holder took the lock meanwhile", async () => {
    const options = { path: server().socket, db: 5 };
    const [one, two] = [await connect(options, 5000), await connect(options, 5000)];
    const [mine, theirs] = [one, two].map((c) => createLocks(c, { lifeMs: 60_000, onError: () => {} }));
    const lock = await mine?.tryAcquire("plugin:p");
    expect(await theirs?.tryAcquire("plugin:p")).toBeUndefined();
    await clientOf(server(), 5).del("HITAGI:LOCK:plugin:p");
    const later = await theirs?.tryAcquire("plugin:p");
    if (!lock || !later) throw new Error("the locks were not taken");
    expect(later.token).toBeGreaterThan(lock.token);
    await expect(createPluginStore(one).commit(commitUnder(lock, sha("a")))).rejects.toMatchObject({
      code: "LOCK_LOST",
    });
    await lock.release();
    expect(await mine?.tryAcquire("plugin:p")).toBeUndefined();
    await createPluginStore(two).commit(commitUnder(later, sha("b")));
    await Promise.all([mine?.close(), theirs?.close()]);
    await Promise.all([one.close(), two.close()]);
  });

  test("a failed release does not fail the work under the lock, and the lock expires", async () => {
    const errors: unknown[] = [];
    const options = { lockMs: LIFE, timeoutMs: 200, onError: (e: unknown) => errors.push(e) };
    // On a loaded machine a reply may take longer than the timeout.
    const store = await vi.waitFor(() => opened(server(), 7, options));
    const lock = await vi.waitFor(async () => {
      const taken = await store.locks.tryAcquire("plugin:p");
      if (!taken) throw new Error("its reply was late, and it has not ended yet");
      return taken;
    });
    errors.length = 0;
    server().signal("SIGSTOP");
    try {
      await lock.release();
    } finally {
      server().signal("SIGCONT");
    }
    expect(errors).toContainEqual(expect.objectContaining({ code: "STORE_UNREACHABLE" }));
    await vi.waitFor(async () =>
      expect(await store.locks.tryAcquire("plugin:p")).toMatchObject({ key: "plugin:p" }),
    );
  });

  test("a store that is closed during a change leaves no lock", async () => {
    const store = await opened(server(), 6);
    const { id, updated } = await store.registries.create({ name: "r", provider: "local", path: "/r" }, 1);
    const meta = { generated_at: "2026-01-02T03:04:05Z", refreshed: 1, plugins: 0 };
    const replaced = store.catalog.replace(id, updated, meta, Buffer.alloc(100_000, "x"), []);
    await store.locks.tryAcquire("plugin:p");
    await store.close();
    await replaced;
    expect(await clientOf(server(), 6).keys("HITAGI:LOCK:*")).toEqual([]);
  });
});
