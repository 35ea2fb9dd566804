import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Client } from "@hitagi/contract";
import { expect, test, vi } from "vitest";
import { sha256Of } from "../../src/disk/sha256.ts";
import { runCaptured } from "../cli/cli-world.ts";
import { pluginText } from "../http/plugin-sources.ts";
import { cbz } from "../library/cbz.ts";
import { jobDone } from "../support/job-end.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { KEY, onRedis, upload } from "../support/stored-records.ts";

const redis = sharedRedis();

/** The keys that hold no record. */
const KEYS = [
  "HITAGI:STORE",
  "HITAGI:TRANSFER",
  "HITAGI:COUNTS",
  "HITAGI:NODES",
  "HITAGI:NODES:STATE",
  "HITAGI:CHANGES",
  "HITAGI:REVISIONS",
  "HITAGI:EVENTS",
  "HITAGI:EVENTS:RUN",
  "HITAGI:UNRECORDED",
  "HITAGI:NAMED",
  "HITAGI:KEYS:FIRST",
  "HITAGI:KEYS:NAMES",
  "HITAGI:KEYS:USED",
  "HITAGI:ARCHIVES:FILES",
  "HITAGI:ARCHIVES:ORDER",
  "HITAGI:ARCHIVES:CHANGES",
  "HITAGI:JOBS",
  "HITAGI:JOBS:ENDED",
  "HITAGI:JOBS:ONCE",
  "HITAGI:JOBS:WAITING",
  "HITAGI:JOBS:DELAYED",
  "HITAGI:JOBS:CLAIMED",
  "HITAGI:JOBS:inactive",
  "HITAGI:JOBS:active",
  "HITAGI:JOBS:finished",
  "HITAGI:JOBS:failed",
] as const;

type World = Awaited<ReturnType<typeof onRedis>>;

const becomesAList = async (world: World, key: string): Promise<void> => {
  await world.redis.del(key);
  // No key has this type, but the requests of plugins.
  await world.redis.rpush(key, "x");
};

/** A script that jobs run. */
const sideload = async (world: World, address: string): Promise<void> => {
  const file = path.join(world.data, "good.ts");
  await writeFile(file, pluginText("good", "1.0.0", "script", 'run: () => "ran",'));
  const ran = await runCaptured(["sideload", file, "--server", address], { env: { HITAGI_API_KEY: KEY } });
  expect(ran.code, ran.err).toBe(0);
};

let made = 0;
/** Does something of each kind. All that was made before is still listed. */
const work = async (client: Client): Promise<void> => {
  const name = `n${made++}`;
  const archives = (await client.listArchives({})).length;
  await upload(client, `${name}.cbz`, cbz(name));
  expect(await client.listArchives({})).toHaveLength(archives + 1);
  const { keys } = await client.listKeys({});
  await client.createKey({ body: { name, scope: "read" } });
  expect((await client.listKeys({})).keys).toHaveLength(keys.length + 1);
  const jobs = (await client.listJobs({ query: {} })).total;
  const { job } = await client.queuePlugin({ query: { plugin: "good" } });
  await jobDone(client, job);
  expect((await client.listJobs({ query: {} })).total).toBe(jobs + 1);
  await client.grantPermissions({ params: { namespace: "good" }, body: {} });
  await client.listRegistries({});
  expect((await client.listHistory({ query: {} })).items.length).toBeGreaterThan(0);
  expect((await client.listNodes({})).nodes).toHaveLength(1);
};

/** Calls that came at the moment of the damage may fail; a moment later all work. */
const expectWorks = (client: Client) => vi.waitFor(() => work(client));

const counts = async (client: Client) => ({
  archives: (await client.listArchives({})).length,
  keys: (await client.listKeys({})).keys.length,
  jobs: (await client.listJobs({ query: {} })).total,
});

/** The server names each key that it put aside, and so does doctor. */
const expectAllNamed = async (world: World, { address, client }: { address: string; client: Client }) => {
  const { records } = await client.listBadRecords({});
  const places = records.map(({ place }) => place.replace(/:\d+$/, ""));
  for (const key of KEYS) expect(places).toContain(key.replace("HITAGI:", "HITAGI:SET_ASIDE:"));
  const findings = await world.doctor(address);
  expect(findings.map(({ text }) => text).join()).toContain("HITAGI:SET_ASIDE:");
};

test.skipIf(withoutRedis)("keys of another type are put aside while the server runs", async () => {
  const world = await onRedis(redis(), 1);
  const server = await world.serve();
  const { client, address } = server;
  await sideload(world, address);
  await work(client);
  for (let at = 0; at < KEYS.length; at += 6) {
    const keys = KEYS.slice(at, at + 6);
    const before = await counts(client);
    for (const key of keys) await becomesAList(world, key);
    await expectWorks(client);
    const after = await counts(client);
    for (const kind of ["archives", "keys", "jobs"] as const) {
      expect(after[kind], `${kind} after ${keys}`).toBeGreaterThan(before[kind]);
    }
  }
  await expectAllNamed(world, server);
});

test.skipIf(withoutRedis)("a server starts where all these keys have another type", async () => {
  const world = await onRedis(redis(), 2);
  const first = await world.serve();
  await sideload(world, first.address);
  await work(first.client);
  const before = await counts(first.client);
  await first.stop();
  for (const key of KEYS) await becomesAList(world, key);
  const second = await world.serve();
  expect(await counts(second.client)).toEqual(before);
  await work(second.client);
  await expectAllNamed(world, second);
});

const garbage: [what: string, plant: (redis: World["redis"]) => Promise<unknown>][] = [
  [
    "counters that are no numbers",
    (redis) =>
      redis.hset("HITAGI:COUNTS", {
        job: "x",
        archive: "-1",
        key: "9223372036854775807",
        revision: "",
        history: "1e9",
        lock: "1.5",
      }),
  ],
  ["a counter of jobs that went back", (redis) => redis.hset("HITAGI:COUNTS", "job", 0, "history", 0)],
  ["a layout that is no number", (redis) => redis.hset("HITAGI:STORE", "layout", "x")],
  ["the mark of a copy without a source", (redis) => redis.hset("HITAGI:TRANSFER", "kind", "x")],
  ["a run of events that is none", (redis) => redis.set("HITAGI:EVENTS:RUN", "x")],
  ["an event that is none", (redis) => redis.xadd("HITAGI:EVENTS", "*", "a", "b")],
  [
    "members that name no job",
    async (redis) => {
      const sets = [
        "",
        ":ENDED",
        ":WAITING",
        ":DELAYED",
        ":CLAIMED",
        ":inactive",
        ":active",
        ":finished",
        ":failed",
      ];
      for (const set of sets) {
        await redis.zadd(`HITAGI:JOBS${set}`, "-inf", "x", 0, "../1", 0, "000000000000999", 0, "-1");
      }
    },
  ],
  ["topics that are none", (redis) => redis.zadd("HITAGI:CHANGES", "+inf", "x", 9e15, "plugin:../../x")],
  ["marks of changes that are none", (redis) => redis.hset("HITAGI:REVISIONS", "1", "x", "x", "y")],
  [
    "nodes that are none",
    async (redis) => {
      await redis.zadd("HITAGI:NODES", "+inf", "x", "-inf", "y");
      await redis.hset("HITAGI:NODES:STATE", "x", "{", "y", "1e999 {}");
    },
  ],
  ["uses of keys that are none", (redis) => redis.hset("HITAGI:KEYS:USED", "x", "y")],
  ["references to nothing", (redis) => redis.zadd("HITAGI:NAMED", 0, "x", 0, "a\0\0b")],
  [
    "places of archives without an end",
    (redis) => redis.zadd("HITAGI:ARCHIVES:ORDER", "+inf", "x", "-inf", "y"),
  ],
  ["a change of an archive that is none", (redis) => redis.xadd("HITAGI:ARCHIVES:CHANGES", "*", "a", "b")],
  [
    "more changes of archives than are kept",
    async (redis) => {
      const batch = redis.pipeline();
      for (let n = 0; n < 5000; n++) batch.xadd("HITAGI:ARCHIVES:CHANGES", "*", "id", `x${n}`);
      await batch.exec();
    },
  ],
  [
    "a change of an archive with the last possible id",
    async (redis) => {
      // Another start finds it there already.
      await redis.del("HITAGI:ARCHIVES:CHANGES");
      await redis.xadd("HITAGI:ARCHIVES:CHANGES", "18446744073709551615-18446744073709551615", "a", "b");
    },
  ],
  ["bytes in transit that are none", (redis) => redis.zadd("HITAGI:UNRECORDED", "-inf", "../x")],
];

test.skipIf(withoutRedis)("values that are garbage end no work, and no start", async () => {
  const world = await onRedis(redis(), 3);
  const first = await world.serve();
  await sideload(world, first.address);
  await work(first.client);
  for (const [what, plant] of garbage) {
    await plant(world.redis);
    await vi.waitFor(() => work(first.client).catch((e: unknown) => expect.fail(`${what}: ${e}`)));
  }
  await first.stop();
  for (const [, plant] of garbage) await plant(world.redis);
  const { client } = await world.serve();
  await expectWorks(client);
});

test.skipIf(withoutRedis)("a lock or a rate limit without an end does not hold up other work", async () => {
  const world = await onRedis(redis(), 4);
  const { client, address } = await world.serve();
  const { id } = await client.createRegistry({ body: { name: "r", provider: "local", path: world.data } });
  await writeFile(
    path.join(world.data, "registry.json"),
    JSON.stringify({ version: 1, generated_at: "2024-01-01T00:00:00Z", plugins: {} }),
  );
  await world.redis.set(`HITAGI:LOCK:registry:${id}`, "x");
  await world.redis.rpush("HITAGI:LOCK:good", "x");
  await world.redis.rpush("HITAGI:LOCK:plugin:good", "x");
  await client.refreshRegistry({ params: { id } });
  await sideload(world, address);
});

test.skipIf(withoutRedis)(
  "plugin files, cached values and requests of another type are replaced or forgotten",
  async () => {
    const world = await onRedis(redis(), 5);
    const { client, address } = await world.serve();
    const keys = ["HITAGI:CACHE:GOOD SIDELOADED", "HITAGI:REQUESTS:GOOD"];
    for (const key of keys) await world.redis.set(key, "x");
    const file = path.join(world.data, "good.ts");
    const source = pluginText(
      "good",
      "1.0.0",
      "script",
      'run: async (ctx) => { await ctx.cache.set("a", 1, 60); return (await ctx.cache.get("a")) ?? "none"; },',
    );
    await writeFile(file, source);
    await world.redis.rpush(`HITAGI:ARTIFACT:${sha256Of(source)}`, "x");
    const argv = ["sideload", file, "--server", address];
    const ran = await runCaptured(argv, { env: { HITAGI_API_KEY: KEY } });
    expect(ran.code, ran.err).toBe(0);
    expect(await world.redis.type(`HITAGI:ARTIFACT:${sha256Of(source)}`)).toBe("hash");
    expect(await client.usePlugin({ query: { plugin: "good" } })).toMatchObject({ data: { result: "none" } });
    const findings = await world.doctor(address);
    for (const key of keys) expect(await world.redis.get(key)).toBe("x");
    expect(findings.map(({ text }) => text).join()).toContain("HITAGI:CACHE:GOOD SIDELOADED");
  },
);
