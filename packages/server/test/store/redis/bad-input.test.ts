import { readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import { Redis } from "ioredis";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { readCachedIndex } from "../../../src/catalog/index-check.ts";
import { checkServerInfo } from "../../../src/store/redis/check-server.ts";
import { retryLimits, SETTINGS } from "../../../src/store/redis/client.ts";
import { openRedisStore } from "../../../src/store/redis/open.ts";
import { openRedisEndpoint } from "../../../src/store-copy/redis.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { runRedis, runRedisOnPort, runSentinel } from "../../support/redis-process.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { clientOf, opened } from "./world.ts";

const fields = { name: "r", provider: "local" as const, path: "/r" };
const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "done",
    (e: { code?: string }) => e.code,
  );

describe.skipIf(withoutRedis)("a user of Redis", () => {
  const server = sharedRedis([
    "--requirepass",
    "right",
    "--user",
    ..."reader on >pw ~* +@read +@connection +info".split(" "),
  ]);
  const at = (login: string): string => server().address(2).replace("//", `//${login}@`);

  test("with a wrong or no password, or without rights, is refused at the start, and the password is not shown", async () => {
    for (const login of [":wr0ng", "nobody:right", "reader:pw"]) {
      const error = await openRedisStore(at(login)).catch((e: unknown) => e);
      expect(error).toMatchObject({ code: "STORE_REFUSED" });
      expect(String(error)).not.toContain(login.split(":")[1]);
    }
    expect(await codeOf(openRedisStore(server().address(2)))).toBe("STORE_REFUSED");
    const store = await openRedisStore(at(":right"));
    expect(await codeOf(store.check())).toBe("done");
    await store.close();
  });

  test("with exactly the rights that docs/redis.md requires can do everything", async () => {
    const page = await readFile(path.join(import.meta.dirname, "../../../../../docs/redis.md"), "utf8");
    const [, rights = ""] = /at least `(~REG_[^`]+)`/.exec(page) ?? [];
    const admin = new Redis({ path: server().socket, password: "right" });
    onTestFinished(() => admin.disconnect());
    await admin.call("ACL", "SETUSER", "narrow", "on", ">pw", ...rights.split(" "));
    const store = await openRedisStore(at("narrow:pw"), { readIndex: readCachedIndex });
    onTestFinished(() => store.close());
    const { id, updated } = await store.registries.create(fields, 1);
    const meta = { generated_at: "2026-01-02T03:04:05Z", refreshed: 1, plugins: 0 };
    await store.catalog.replace(id, updated, meta, Buffer.from("{}"), []);
    await store.plugins.register("p", "script");
    const actor = { kind: "cli", key: null } as const;
    await store.jobs.create({ task: "t", args: [], actor, priority: 0, notes: {} }, 1);
    expect(await store.shared?.claims.next(1000)).toMatchObject({ job: { task: "t" } });
    await store.history.add({ time: 1, actor, action: "a", subject: null, outcome: "ok", ms: 1, job: null });
    await store.history.prune(2, 1);
    await store.cache.set("p", "k", "v", 2);
    await store.known.change("l", ["a"], []);
    const heard: string[] = [];
    const leave = store.shared?.feed.follow(({ announcements }) =>
      heard.push(...announcements.map((a) => a.text)),
    );
    onTestFinished(() => leave?.());
    await vi.waitFor(async () => expect((await store.shared?.feed.read(undefined))?.reset).toBe(false));
    await store.shared?.feed.add("b", ["event"], false);
    await vi.waitFor(() => expect(heard).toEqual(["event"]));
    await store.shared?.nodes.sync({ id: "n", host: "h", started: 1 }, { revision: 0, mark: "" });
    const hint = new Promise<void>((resolve) => {
      onTestFinished(store.shared?.nodes.follow(resolve) ?? (() => {}));
    });
    await hint;
    expect(await store.faults()).toEqual([]);
    expect(await codeOf(store.check())).toBe("done");
  });
});

describe.skipIf(withoutRedis)("a database", () => {
  const server = sharedRedis();

  test("beside LANraragi's is refused; LANraragi's own, and one of Hitagi's, are accepted", async () => {
    const first = await opened(server(), 9);
    await first.close();
    await clientOf(server(), 2).hset("LRR_CONFIG", "apikey", "k");
    const refusal = await openRedisStore(server().address(0)).catch((e: unknown) => e);
    expect(refusal).toMatchObject({ code: "STORE_UNFIT" });
    expect(String(refusal)).toContain("in database 2");
    expect(await codeOf(opened(server(), 2))).toBe("done");
    expect(await codeOf(opened(server(), 9))).toBe("done");
  });

  test("that does not exist is refused", async () => {
    expect(await codeOf(openRedisStore(server().address(9999)))).toBe("STORE_UNFIT");
  });

  test("of a newer Hitagi is not changed", async () => {
    await clientOf(server(), 11).hset("HITAGI:STORE", "layout", "99");
    expect(await codeOf(openRedisStore(server().address(11)))).toBe("STORE_NEWER");
    const end = openRedisEndpoint(server().address(11), "source", { readIndex: async () => undefined });
    expect(await codeOf(end)).toBe("STORE_NEWER");
  });
});

describe.skipIf(withoutRedis)("a Redis that accepts no changes", () => {
  const server = sharedRedis();

  test("a replica is refused at the start; one that becomes a replica says so, and loses nothing", async () => {
    const store = await opened(server(), 1);
    const { id } = await store.registries.create(fields, 1);
    const admin = clientOf(server(), 0);
    await admin.replicaof("127.0.0.1", "1");
    expect(await codeOf(store.registries.create(fields, 1))).toBe("STORE_READ_ONLY");
    expect(await codeOf(store.check())).toBe("STORE_READ_ONLY");
    expect(await codeOf(openRedisStore(server().address(3)))).toBe("STORE_READ_ONLY");
    await admin.replicaof("NO", "ONE");
    expect(await codeOf(store.check())).toBe("done");
    expect((await store.registries.list()).map((r) => r.id)).toEqual([id]);
  });

  test("with full memory says so, still answers reads, and recovers", async () => {
    const store = await opened(server(), 2);
    const { id } = await store.registries.create(fields, 1);
    const sync = async () =>
      store.shared?.nodes.sync({ id: "n", host: "h", started: 1 }, { revision: 0, mark: "" });
    await sync();
    await store.jobs.create(
      { task: "t", args: [], actor: { kind: "cli", key: null }, priority: 0, notes: {} },
      1,
    );
    const claimed = await store.shared?.claims.next(5000);
    await store.shared?.feed.add("batch", ["event"], false);
    const admin = clientOf(server(), 0);
    await admin.config("SET", "maxmemory-policy", "noeviction");
    await admin.config("SET", "maxmemory", "1");
    expect(await codeOf(store.registries.create(fields, 2))).toBe("STORE_FULL");
    expect(await codeOf(store.registries.update(id, { ...fields, name: "x" }, false, 9))).toBe("STORE_FULL");
    expect(await codeOf(store.check())).toBe("STORE_FULL");
    expect(await codeOf(openRedisStore(server().address(4)))).toBe("STORE_FULL");
    expect(await store.registries.get(id)).toMatchObject({ name: "r" });
    expect(await store.shared?.feed.read(undefined)).toMatchObject({ reset: false });
    expect(await store.shared?.rateLimiter.take("p", 1000)).toMatchObject({ giveBack: expect.any(Function) });
    expect(await codeOf(sync())).toBe("done");
    expect(
      await store.shared?.claims.renew(new Map([[claimed?.job.id ?? 0, claimed?.claim ?? ""]]), 5000),
    ).toEqual([]);
    await admin.config("SET", "maxmemory", "0");
    expect(await codeOf(store.registries.create(fields, 2))).toBe("done");
  });

  test.each(["allkeys-lru", "volatile-ttl"])(
    "one that evicts (%s) is refused, and reported at the next check",
    async (policy) => {
      const store = await opened(server(), 5);
      const admin = clientOf(server(), 0);
      await admin.config("SET", "maxmemory", "200mb");
      await admin.config("SET", "maxmemory-policy", policy);
      expect(await codeOf(store.check())).toBe("STORE_UNFIT");
      const refusal = await openRedisStore(server().address(6)).catch((e: unknown) => e);
      expect(String(refusal)).toContain("noeviction");
      await admin.config("SET", "maxmemory-policy", "noeviction");
      expect(await codeOf(store.check())).toBe("done");
      await admin.config("SET", "maxmemory", "0");
      await store.close();
    },
  );
});

describe("the INFO of a Redis", () => {
  const well = { redis_version: "6.2.0", redis_mode: "standalone", maxmemory: "0", role: "master" };
  const checked = (changes: Record<string, string>) => () =>
    checkServerInfo(new Map(Object.entries({ ...well, ...changes })));

  test.each([
    [{ redis_version: "6.0.16" }, "STORE_UNFIT"],
    [{ redis_version: "5.0.14" }, "STORE_UNFIT"],
    [{ redis_mode: "cluster" }, "STORE_UNFIT"],
    [{ redis_version: "7.2.4", valkey_version: "9.0.0", cluster_enabled: "1" }, "STORE_UNFIT"],
    [{ maxmemory: "1", maxmemory_policy: "allkeys-random" }, "STORE_UNFIT"],
    [{ role: "slave" }, "STORE_READ_ONLY"],
  ])("%j is refused", (changes, code) => {
    expect(checked(changes)).toThrowError(expect.objectContaining({ code }));
  });

  test.each<Record<string, string>>([
    {},
    { redis_version: "8.2.1" },
    { redis_version: "7.2.4", valkey_version: "8.1.0" },
    { maxmemory: "1", maxmemory_policy: "noeviction" },
    { maxmemory: "0", maxmemory_policy: "allkeys-lru" },
  ])("%j is taken", (changes) => {
    expect(checked(changes)).not.toThrow();
  });
});

describe.skipIf(withoutRedis)("a Redis that is away", () => {
  test("fails at once with the reason if nothing listens", async () => {
    const address = `redis+unix://${await tempFolder()}/none.sock`;
    const error = await openRedisStore(address).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "STORE_UNREACHABLE", params: { reason: "there is no such socket" } });
  });

  test("does not block calls for longer the longer it is away", async () => {
    const pauses = Array.from({ length: 100 }, (_, n) => Number(SETTINGS.retryStrategy?.(n + 1)));
    expect([pauses[0], Math.max(...pauses)]).toEqual([50, 500]);
    const server = await runRedis(await tempFolder());
    const store = await vi.waitFor(() => opened(server, 2, { timeoutMs: 2000 }));
    await server.kill();
    for (let n = 0; n < 3; n++) expect(await codeOf(store.registries.list())).toBe("STORE_UNREACHABLE");
  });

  test.each([
    [400, 0, 200],
    [1000, 0, 500],
    [4000, 3, 2000],
    [10_000, 7, 5000],
    [60_000, 7, 5000],
  ])("with a timeout of %i ms, a command that cannot be sent fails before it", (timeoutMs, retries, ms) => {
    expect(retryLimits(timeoutMs)).toEqual({ maxRetriesPerRequest: retries, connectTimeout: ms });
    expect((retries + 1) * 500).toBeLessThanOrEqual(Math.max(500, timeoutMs / 2));
  });

  test("is used again after it was killed and restarted, and acknowledged changes are there", async () => {
    const folder = await tempFolder();
    const durable = ["--appendonly", "yes", "--appendfsync", "always"];
    let server = await runRedis(folder, durable);
    const store = await opened(server, 2, { lockMs: 2000 });
    const { id } = await store.registries.create(fields, 1);
    await server.kill();
    expect(await codeOf(store.registries.list())).toBe("STORE_UNREACHABLE");
    server = await runRedis(folder, durable);
    await vi.waitFor(async () => expect((await store.registries.list()).map((r) => r.id)).toEqual([id]));
    await store.close();
    await server.kill();
  });

  test("that hangs fails after the timeout, and a commit with a lost answer is repeated", async () => {
    const folder = await tempFolder();
    const server = await runRedis(folder);
    // On a loaded machine a reply may take longer than the timeout.
    const store = await vi.waitFor(() => opened(server, 2, { timeoutMs: 400 }));
    server.signal("SIGSTOP");
    expect(await codeOf(store.registries.list())).toBe("STORE_UNREACHABLE");
    const provenance = {
      path: "Sideloaded/p.ts",
      version: "1.0.0",
      registry: null,
      sha256: "a".repeat(64),
      type: "script" as const,
    };
    const change = { namespace: "p" as const, expect: undefined, after: { provenance, granted: {} }, now: 1 };
    const committed = codeOf(store.plugins.commit(change));
    // When this one has failed, so has the first try of the commit, which was sent before it.
    expect(await codeOf(store.registries.list())).toBe("STORE_UNREACHABLE");
    server.signal("SIGCONT");
    expect(await committed).toBe("done");
    const kept = await vi.waitFor(() => Promise.all([store.plugins.get("p"), store.plugins.versions("p")]));
    expect(kept[0]?.provenance?.sha256).toBe("a".repeat(64));
    expect(kept[1]).toHaveLength(1);
    await store.close();
    await server.kill();
  });
});

describe.skipIf(withoutRedis)("through Sentinel", () => {
  test("the primary is found by its name, and an unknown name is refused", async () => {
    const primary = await runRedisOnPort(await tempFolder());
    onTestFinished(() => primary.kill());
    const folder = await tempFolder();
    const config = path.join(folder, "sentinel.conf");
    await writeFile(config, `sentinel monitor main 127.0.0.1 ${primary.port} 1\n`);
    const sentinel = await runSentinel(folder, config);
    onTestFinished(() => sentinel.kill());
    const at = (name: string): string => `redis+sentinel://127.0.0.1:${sentinel.port}/3?master=${name}`;
    const store = await openRedisStore(at("main"));
    onTestFinished(() => store.close());
    await store.registries.create(fields, 1);
    expect(await clientOf(primary, 3).hget("REG_0000000001", "name")).toBe("r");
    // On a loaded machine an answer may take longer than the timeout, which is an error of its own.
    const expectFault = (address: string, fault: object) =>
      vi.waitFor(() => expect(openRedisStore(address, { timeoutMs: 500 })).rejects.toMatchObject(fault));
    await expectFault(at("other"), {
      code: "STORE_UNREACHABLE",
      params: { reason: "the sentinels know no primary called other" },
    });
    await expectFault(`redis://127.0.0.1:${sentinel.port}/2`, {
      code: "STORE_UNFIT",
      params: { reason: expect.stringContaining("redis+sentinel://") },
    });
    await clientOf(sentinel, 0).call("ACL", "SETUSER", "default", "resetpass", ">watch");
    await expectFault(at("main"), { code: "STORE_REFUSED" });
    expect(await codeOf(openRedisStore(`${at("main")}&sentinel_password=watch`).then((s) => s.close()))).toBe(
      "done",
    );
    await sentinel.kill();
    await expectFault(at("main"), {
      code: "STORE_UNREACHABLE",
      params: { reason: "no sentinel answers" },
    });
  });
});

describe("a Redis in protected mode, played by a server with its answer", () => {
  test("is recognised", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.end("-DENIED Redis is running in protected mode because protected mode is enabled\r\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await openRedisStore(`redis://127.0.0.1:${port}`).catch((e: unknown) => e)).toMatchObject({
      code: "STORE_REFUSED",
      params: { reason: expect.stringContaining("protected mode") },
    });
  });
});
