import { Redis } from "ioredis";
import { Pool } from "undici";
import { ownFolder } from "../../../scripts/own-folder.mjs";
import { type RedisServer, redisServers, runRedis } from "../test/support/redis-process.ts";
import { compare } from "./compare.ts";
import { type BenchOptions, compared, counted, median, type Row, throughput } from "./measure.ts";
import { addRegistry, benchRegistry, install, manyNames } from "./plugins.ts";
import { API_KEY, type BenchServer, startServer } from "./server.ts";

const ROUNDS = 5;
const CALLS = 4000;
const IN_FLIGHT = 32;
/** Requests over which commands are counted, so that the server's own commands hardly count. */
const COUNTED = 200;
const PLUGINS = 30;
/** Milliseconds between two questions whether the counted install has ended. */
const ASK_MS = 50;
/** Counted installs: one in which the server also asks what it asks twice a minute has a hundred commands more. */
const COUNTED_INSTALLS = 7;

const headers = { authorization: `Bearer ${Buffer.from(API_KEY).toString("base64")}` };

interface BenchRequest {
  id: string;
  name: string;
  method: "GET" | "POST";
  path: string;
}

const list: BenchRequest = {
  id: "list",
  name: `list of ${PLUGINS} plugins`,
  method: "GET",
  path: "/api/plugins/all",
};
const use: BenchRequest = {
  id: "use",
  name: "use of a plugin",
  method: "POST",
  path: "/api/plugins/use?plugin=echo&arg=hello",
};
const search: BenchRequest = {
  id: "search",
  name: "search",
  method: "GET",
  path: "/api/plugins/available?q=many",
};
const registries: BenchRequest = {
  id: "registries",
  name: "list of registries",
  method: "GET",
  path: "/api/registries",
};

/** Publishes, installs and calls the plugins that are measured. */
const prepare = async (server: BenchServer, folder: string): Promise<() => Promise<void>> => {
  const builtin = (await server.client.listPlugins({ params: { type: "all" } })).length;
  const registry = await addRegistry(server.client, folder);
  await install(server.client, registry, "echo", "1.0.0");
  for (const name of manyNames(PLUGINS - builtin - 1)) await install(server.client, registry, name);
  // Each question for the job's state is a command, so that few are asked.
  return () => install(server.client, registry, "echo", "1.0.0", ASK_MS);
};

const requester =
  (pool: Pool, { method, path: at }: BenchRequest) =>
  async () => {
    const { statusCode, body } = await pool.request({ method, path: at, headers });
    await body.dump();
    if (statusCode !== 200) throw new Error(`${at} was answered with ${statusCode}`);
  };

const commandsOf = async (client: Redis): Promise<number> =>
  Number(/total_commands_processed:(\d+)/.exec(await client.info("stats"))?.[1]);

/** Commands sent to Redis for a piece of work, done some times. */
export const commandsFor = async (
  client: Redis,
  times: number,
  work: () => Promise<unknown>,
): Promise<number> => {
  const before = await commandsOf(client);
  for (let i = 0; i < times; i++) await work();
  return (await commandsOf(client)) - before;
};

/** Commands that clients send for a piece of work, without those that their scripts call. */
const tripsOf = async (client: Redis, work: () => Promise<unknown>): Promise<number> => {
  const monitor = await client.monitor();
  let trips = 0;
  monitor.on("monitor", (_time: string, _args: string[], source: string) => {
    if (source !== "lua") trips++;
  });
  await work();
  monitor.disconnect();
  return trips;
};

const compareStores = async (
  request: BenchRequest,
  pools: { sqlite: Pool; redis: Pool },
  tries: number,
): Promise<Row> => {
  const rate = (pool: Pool) => throughput(CALLS, IN_FLIGHT, requester(pool, request));
  await rate(pools.sqlite);
  await rate(pools.redis);
  const found = await compare(
    ROUNDS,
    async () => ({
      floor: await rate(pools.sqlite),
      value: await rate(pools.redis),
    }),
    tries,
  );
  return compared(`redis-${request.id}`, `${request.name} with Redis, against SQLite`, "requests/s", found);
};

const measure = async (redis: RedisServer, sqlite: BenchServer, tries: number): Promise<Row[]> => {
  const server = await startServer(undefined, { HITAGI_STORE: redis.address(2) });
  const pools = { sqlite: new Pool(sqlite.url), redis: new Pool(server.url) };
  const client = new Redis({ path: redis.socket });
  try {
    const folder = await benchRegistry(PLUGINS);
    await prepare(sqlite, folder);
    const again = await prepare(server, folder);
    const rows = [await compareStores(list, pools, tries), await compareStores(use, pools, tries)];
    const commands = (id: string, name: string, count: number): Row =>
      counted(`commands-${id}`, `Redis commands for a ${name}`, "commands", count);
    for (const request of [list, use, search, registries]) {
      const count = await commandsFor(client, COUNTED, requester(pools.redis, request));
      rows.push(commands(request.id, request.name, count / COUNTED));
    }
    const installs: number[] = [];
    for (let n = 0; n < COUNTED_INSTALLS; n++) installs.push(await commandsFor(client, 1, again));
    rows.push(commands("install", "whole install", median(installs)));
    rows.push(
      commands("install-trips", "whole install, those of scripts not counted", await tripsOf(client, again)),
    );
    return rows;
  } finally {
    client.disconnect();
    await Promise.all([pools.sqlite.close(), pools.redis.close()]);
    await server.stop();
  }
};

/** A server on Redis beside one on SQLite, alternating, and the commands sent to Redis. No rows without Redis. */
export const benchRedis = async (sqlite: BenchServer, { tries }: BenchOptions): Promise<Row[]> => {
  if (redisServers.length === 0) return [];
  const folder = ownFolder("hitagi-bench-redis-");
  const redis = await runRedis(folder);
  try {
    return await measure(redis, sqlite, tries);
  } finally {
    await redis.kill();
  }
};
