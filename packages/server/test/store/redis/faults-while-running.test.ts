import { Redis } from "ioredis";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { withoutRedis } from "../../support/redis.ts";
import { type ListeningRedis, runRedisOnPort } from "../../support/redis-process.ts";
import { type ServeProcess, sharedProgram } from "../../support/serve-process.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { adminOf, create, DURABLE, healthOf, isWell, names } from "./served.ts";

interface Fault {
  what: string;
  begin: (redis: ListeningRedis, admin: Redis) => Promise<unknown>;
  end: (redis: ListeningRedis, admin: Redis) => Promise<unknown>;
  code: string;
  says: RegExp;
  /** The status with which a change is refused; undefined if it is accepted. */
  refusal: number | undefined;
}

const guests = new Set<Redis>();

/** Opens as many connections as Redis allows, and closes the others. */
const crowd = async ({ socket }: ListeningRedis, admin: Redis): Promise<void> => {
  await admin.config("SET", "maxclients", "4");
  const options = { path: socket, username: "admin", password: "pw", retryStrategy: () => 5 };
  for (let n = 0; n < 4; n++) guests.add(new Redis(options).on("error", () => {}));
  await vi.waitFor(
    async () => {
      await admin.call("CLIENT", "KILL", "USER", "default");
      expect([...guests].filter(({ status }) => status === "ready").length).toBeGreaterThanOrEqual(3);
      expect(await admin.call("CLIENT", "LIST")).not.toContain("user=default");
    },
    { interval: 10 },
  );
};

const leave = async (_redis: ListeningRedis, admin: Redis): Promise<void> => {
  for (const guest of guests) guest.disconnect();
  guests.clear();
  await admin.config("SET", "maxclients", "1000");
};

const faults: Fault[] = [
  {
    what: "becomes a replica",
    begin: (_, admin) => admin.replicaof("127.0.0.1", "1"),
    end: (_, admin) => admin.replicaof("NO", "ONE"),
    code: "STORE_READ_ONLY",
    says: /it is a replica/,
    refusal: 503,
  },
  {
    what: "has no replica any more, though it demands one",
    begin: (_, admin) => admin.config("SET", "min-replicas-to-write", "1"),
    end: (_, admin) => admin.config("SET", "min-replicas-to-write", "0"),
    code: "STORE_READ_ONLY",
    says: /fewer replicas/,
    refusal: 503,
  },
  {
    what: "has no memory left",
    begin: (_, admin) => admin.config("SET", "maxmemory", "1"),
    end: (_, admin) => admin.config("SET", "maxmemory", "0"),
    code: "STORE_FULL",
    says: /no memory left/,
    refusal: 507,
  },
  {
    what: "is set to evict",
    begin: (_, admin) => admin.config("SET", "maxmemory", "1gb", "maxmemory-policy", "allkeys-lru"),
    end: (_, admin) => admin.config("SET", "maxmemory", "0", "maxmemory-policy", "noeviction"),
    code: "STORE_UNFIT",
    says: /noeviction/,
    refusal: undefined,
  },
  {
    what: "gets another password, and ends all connections",
    begin: async (_, admin) => {
      await admin.call("ACL", "SETUSER", "default", "resetpass", ">another");
      await admin.call("CLIENT", "KILL", "USER", "default");
    },
    end: (_, admin) => admin.call("ACL", "SETUSER", "default", "nopass"),
    code: "STORE_REFUSED",
    says: /password/,
    refusal: 500,
  },
  {
    what: "has as many clients as it takes when the connection is lost",
    begin: crowd,
    end: leave,
    code: "STORE_UNREACHABLE",
    says: /maxclients/,
    refusal: 503,
  },
  {
    what: "hangs",
    begin: async ({ signal }) => signal("SIGSTOP"),
    end: async ({ signal }) => signal("SIGCONT"),
    code: "STORE_UNREACHABLE",
    says: /it does not answer/,
    refusal: 503,
  },
];

/** Polls, because the reason for a lost connection is known only after the next attempt to connect. */
const saysSoon = (server: ServeProcess, what: string, code: string, says: RegExp): Promise<void> =>
  vi.waitFor(
    async () => {
      const health = await healthOf(server);
      expect(health, what).toMatchObject({ http: 503, store: "failed", storeFault: { code } });
      expect(health.storeFault?.error, what).toMatch(says);
    },
    { interval: 20 },
  );

describe.skipIf(withoutRedis)("a server whose Redis", () => {
  const program = sharedProgram();

  test("fails in every way names each failure, loses nothing and needs no restart", async () => {
    const folder = await tempFolder();
    const redis = await runRedisOnPort(folder, (port) => ["--port", `${port}`, ...DURABLE]);
    onTestFinished(() => redis.kill());
    const admin = await adminOf(redis);
    const server = await program.serve({
      HITAGI_STORE: `redis://127.0.0.1:${redis.port}/2`,
      HITAGI_STORE_TIMEOUT: "1",
    });
    const made: string[] = [];
    for (const [n, { what, begin, end, code, says, refusal }] of faults.entries()) {
      await create(server.client, `before ${n}`);
      made.push(`before ${n}`);
      await begin(redis, admin);
      await saysSoon(server, what, code, says);
      const fault = await create(server.client, `while ${n}`).then(
        () => undefined,
        (e: { status?: number; code?: string; hint?: string }) => e,
      );
      if (refusal === undefined) made.push(`while ${n}`);
      else expect(fault, what).toMatchObject({ status: refusal, code, hint: expect.stringMatching(/\w/) });
      await end(redis, admin);
      await isWell(server);
      // A Redis that hung executes the commands that it had received.
      const now = (await names(server.client)).filter((name) => what !== "hangs" || name !== `while ${n}`);
      expect(now, what).toEqual(made);
    }
    expect(server.ended()).toBe(false);
    expect(await server.stop()).toBe(0);
  });
});
