import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { withoutRedis } from "../../support/redis.ts";
import { type ListeningRedis, runRedis, runRedisOnPort } from "../../support/redis-process.ts";
import { type ProgramRun, sharedProgram } from "../../support/serve-process.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { clientOf } from "./world.ts";

/** A Redis on a port with these settings, which ends with the test. */
const redisWith = async (...settings: string[]): Promise<ListeningRedis> => {
  const server = await runRedisOnPort(await tempFolder(), (port) => ["--port", `${port}`, ...settings]);
  onTestFinished(() => server.kill());
  return server;
};

/** A Redis that is loading its data during the whole test. */
const loading = async (): Promise<ListeningRedis> => {
  const folder = await tempFolder();
  const before = await runRedis(folder);
  const client = clientOf(before, 0);
  // Loading takes 90 seconds, longer than any client here waits.
  await Promise.all(Array.from({ length: 600 }, (_, n) => client.set(`key${n}`, randomBytes(1100))));
  await client.save();
  client.disconnect();
  await before.kill();
  const slowly = ["--key-load-delay", "150000", "--loading-process-events-interval-bytes", "1024"];
  const server = await runRedisOnPort(folder, (port) => ["--port", `${port}`, ...slowly]);
  onTestFinished(() => server.kill());
  return server;
};

const full = async (): Promise<ListeningRedis> => {
  const server = await redisWith("--maxclients", "2");
  const guests = [clientOf(server, 0), clientOf(server, 0)];
  await Promise.all(guests.map((guest) => guest.ping()));
  return server;
};

const hung = async (): Promise<ListeningRedis> => {
  const server = await redisWith();
  server.signal("SIGSTOP");
  onTestFinished(() => server.signal("SIGCONT"));
  return server;
};

const bare = (port: number): string => `redis://127.0.0.1:${port}/2`;

interface Row {
  what: string;
  start: () => Promise<ListeningRedis>;
  address?: (port: number) => string;
  says: RegExp;
  hint: RegExp;
}

const rows: Row[] = [
  {
    what: "a wrong password",
    start: () => redisWith("--requirepass", "right"),
    address: (port) => `redis://:wr0ng@127.0.0.1:${port}/2`,
    says: /denied access: the user or the password is wrong/,
    hint: /password in HITAGI_STORE/,
  },
  {
    what: "no password",
    start: () => redisWith("--requirepass", "right"),
    says: /it wants a password/,
    hint: /password in HITAGI_STORE/,
  },
  {
    what: "a database that does not exist",
    start: () => redisWith("--databases", "4"),
    address: (port) => `redis://127.0.0.1:${port}/7`,
    says: /it has no database 7/,
    hint: /docs\/redis\.md/,
  },
  {
    what: "a replica",
    start: () => redisWith("--replicaof", "127.0.0.1", "1"),
    says: /it is a replica/,
    hint: /can be written/,
  },
  {
    what: "full memory",
    start: () => redisWith("--maxmemory", "1", "--maxmemory-policy", "noeviction"),
    says: /no memory left/,
    hint: /maxmemory/,
  },
  {
    what: "a policy that evicts",
    start: () => redisWith("--maxmemory", "200mb", "--maxmemory-policy", "allkeys-lru"),
    says: /forgets data .* noeviction/,
    hint: /docs\/redis\.md/,
  },
  {
    what: "a cluster",
    start: () => redisWith("--cluster-enabled", "yes"),
    address: (port) => `redis://127.0.0.1:${port}/0`,
    says: /it is a cluster/,
    hint: /docs\/redis\.md/,
  },
  { what: "as many clients as it takes", start: full, says: /maxclients/, hint: /Redis runs/ },
  { what: "a dataset that is being read", start: loading, says: /reading its data from disk/, hint: /Redis/ },
  { what: "no answer at all", start: hung, says: /it does not answer/, hint: /Redis runs/ },
];

/** The password of a row, which no output may contain. */
const SECRETS = /wr0ng/;

describe.skipIf(withoutRedis)("`hitagi serve` and `hitagi doctor` on a Redis with", () => {
  const program = sharedProgram();
  const both = async (HITAGI_STORE: string): Promise<[ProgramRun, ProgramRun, string]> => {
    const [data, other] = [await tempFolder(), await tempFolder()];
    const env = { HITAGI_STORE, HITAGI_STORE_TIMEOUT: "1" };
    const served = program.run(["serve"], { ...env, HITAGI_DATA: data, HITAGI_PORT: "0" });
    const examined = program.run(["doctor"], { ...env, HITAGI_DATA: other });
    return [await served, await examined, data];
  };

  const check = async ({ start, address = bare, says, hint }: Row): Promise<void> => {
    const { port } = await start();
    const [served, examined, data] = await both(address(port));
    expect(served.code, served.out).toBe(1);
    expect(served.err).toMatch(says);
    expect(served.err).toMatch(new RegExp(`^hint: .*${hint.source}`, "m"));
    expect(examined.out).toMatch(says);
    expect(examined.code).toBe(1);
    for (const { out, err } of [served, examined]) expect(out + err).not.toMatch(SECRETS);
    expect(await readdir(data)).not.toContain("api-key");
  };

  test.each(rows)("$what", check);

  test("no answer waits for HITAGI_STORE_TIMEOUT, and no longer", async () => {
    const HITAGI_STORE = bare((await hung()).port);
    const ends = async (HITAGI_STORE_TIMEOUT: string): Promise<string> => {
      await program.run(["doctor"], { HITAGI_STORE, HITAGI_STORE_TIMEOUT, HITAGI_DATA: await tempFolder() });
      return HITAGI_STORE_TIMEOUT;
    };
    expect(await Promise.race([ends("60"), ends("1")])).toBe("1");
  });
});
