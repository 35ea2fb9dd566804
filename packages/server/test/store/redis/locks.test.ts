import path from "node:path";
import { describe, expect, test } from "vitest";
import { connect } from "../../../src/store/redis/connection.ts";
import { createLocks } from "../../../src/store/redis/locks.ts";
import { openRedisStore } from "../../../src/store/redis/open.ts";
import { createPluginStore } from "../../../src/store/redis/plugins.ts";
import type { Lock } from "../../../src/store/types.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { bundleScript, startBundled } from "../../support/script.ts";
import { clientOf, opened } from "./world.ts";

const script = path.join(import.meta.dirname, "scripts/hold-lock.ts");
const LIFE = 600;
const sha = (digit: string): string => digit.repeat(64);

const commitUnder = (lock: Lock, sha256: string, expected?: string) => ({
  namespace: "p",
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

  test("a lock is held for as long as its holder lives, many times its life", async () => {
    const { address } = server();
    const holder = startBundled(await bundleScript(script), [address(1), `${LIFE}`]);
    expect(await holder.line()).toBe("held");
    const began = performance.now();
    await expect(openRedisStore(address(1), { lockMs: LIFE })).rejects.toMatchObject({
      code: "STORE_IN_USE",
    });
    await expect(openRedisStore(address(1), { lockMs: 2 * LIFE })).rejects.toMatchObject({
      code: "STORE_IN_USE",
    });
    expect(performance.now() - began).toBeGreaterThan(2 * LIFE);
    holder.process.stdin?.write(`${sha("a")}\n`);
    expect(await holder.line()).toBe("done");
  });

  test("a killed holder's locks end within their life, and the next server has them all", async () => {
    const { address } = server();
    const holder = startBundled(await bundleScript(script), [address(2), `${LIFE}`]);
    expect(await holder.line()).toBe("held");
    await holder.kill();
    const said: string[] = [];
    const store = await opened(server(), 2, { lockMs: LIFE, onAdvice: (advice) => said.push(advice) });
    expect(said.filter((advice) => advice.includes("waiting"))).toHaveLength(1);
    expect(await store.locks.tryAcquire("plugin:p")).toBeDefined();
  });

  test("a holder that stopped for longer than a lock's life cannot commit, nor do anything else", async () => {
    const { address } = server();
    const holder = startBundled(await bundleScript(script), [address(3), `${LIFE}`]);
    expect(await holder.line()).toBe("held");
    holder.process.kill("SIGSTOP");
    const store = await opened(server(), 3, { lockMs: LIFE });
    const lock = await store.locks.tryAcquire("plugin:p");
    if (!lock) throw new Error("the lock of a stopped holder did not end");
    await store.plugins.commit(commitUnder(lock, sha("b")));
    holder.process.stdin?.write(`${sha("a")}\n`);
    holder.process.kill("SIGCONT");
    expect(await holder.line()).toBe("STORE_IN_USE");
    expect((await store.plugins.get("p"))?.provenance?.sha256).toBe(sha("b"));
    expect(await store.plugins.versions("p")).toHaveLength(1);
  });

  test("a holder that stopped while nobody else came takes its database again, but not its other locks", async () => {
    const { address } = server();
    const holder = startBundled(await bundleScript(script), [address(4), `${LIFE}`]);
    expect(await holder.line()).toBe("held");
    holder.process.kill("SIGSTOP");
    const client = clientOf(server(), 4);
    const locks = ["HITAGI:LOCK:server", "HITAGI:LOCK:plugin:p"];
    while ((await client.exists(...locks)) > 0) await client.wait(1, 50);
    holder.process.stdin?.write(`${sha("a")}\n`);
    holder.process.kill("SIGCONT");
    expect(await holder.line()).toBe("LOCK_LOST");
    expect(await client.exists("LRR_PLUGIN_P", "HITAGI:PLUGIN:P")).toBe(0);
    await expect(openRedisStore(address(4), { lockMs: LIFE })).rejects.toMatchObject({
      code: "STORE_IN_USE",
    });
  });

  test("the commit itself compares the token: a lock that another took meanwhile is no cover", async () => {
    const options = { path: server().socket, db: 5 };
    const [one, two] = [await connect(options, 5000), await connect(options, 5000)];
    const [mine, theirs] = [one, two].map((c) => createLocks(c, { lifeMs: LIFE, onError: () => {} }));
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

  test("a store that was closed in the middle of a change leaves no lock behind", async () => {
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
