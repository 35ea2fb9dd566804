import { Redis } from "ioredis";
import { Pool } from "undici";
import { ownFolder } from "../../../scripts/own-folder.mjs";
import { type RedisServer, redisServers, runRedis } from "../test/support/redis-process.ts";
import { median, type Row, throughput } from "./measure.ts";
import { addRegistry, benchRegistry, install, manyNames } from "./plugins.ts";
import { API_KEY, type BenchServer, startServer } from "./server.ts";

const ROUNDS = 5;
const CALLS = 10_000;
const IN_FLIGHT = 32;
/** Requests over which commands are counted, so that the server's own commands hardly count. */
const COUNTED = 200;
const PLUGINS = 30;

const headers = { authorization: `Bearer ${Buffer.from(API_KEY).toString("base64")}` };

interface BenchRequest {
  name: string;
  method: "GET" | "POST";
  path: string;
}

const list: BenchRequest = { name: `list of ${PLUGINS} plugins`, method: "GET", path: "/api/plugins/all" };
const use: BenchRequest = {
  name: "use of a plugin",
  method: "POST",
  path: "/api/plugins/use?plugin=echo&arg=hello",
};
const search: BenchRequest = { name: "search", method: "GET", path: "/api/plugins/available?q=many" };
const registries: BenchRequest = { name: "list of registries", method: "GET", path: "/api/registries" };

/** Publishes, installs and calls the plugins that are measured. */
const prepare = async (server: BenchServer, folder: string): Promise<() => Promise<void>> => {
  const builtin = (await server.client.listPlugins({ params: { type: "all" } })).length;
  const registry = await addRegistry(server.client, folder);
  await install(server.client, registry, "echo", "1.0.0");
  for (const name of manyNames(PLUGINS - builtin - 1)) await install(server.client, registry, name);
  return () => install(server.client, registry, "echo", "1.0.0");
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

/** Commands sent to Redis for one request of many. */
const commandsFor = async (client: Redis, times: number, work: () => Promise<unknown>): Promise<number> => {
  const before = await commandsOf(client);
  for (let i = 0; i < times; i++) await work();
  return (await commandsOf(client)) - before;
};

const compare = async (request: BenchRequest, pools: { sqlite: Pool; redis: Pool }): Promise<Row> => {
  const rates: { sqlite: number; redis: number }[] = [];
  for (let i = 0; i <= ROUNDS; i++) {
    const sqlite = await throughput(CALLS, IN_FLIGHT, requester(pools.sqlite, request));
    const redis = await throughput(CALLS, IN_FLIGHT, requester(pools.redis, request));
    // The first round warms both up.
    if (i > 0) rates.push({ sqlite, redis });
  }
  const [redis, sqlite] = [median(rates.map((r) => r.redis)), median(rates.map((r) => r.sqlite))];
  return {
    name: `${request.name}, with Redis`,
    value: redis,
    unit: "requests/s",
    floor: sqlite,
    target: "≥ 80% of the same with SQLite",
    met: redis >= 0.8 * sqlite,
  };
};

const counted = (name: string, value: number, target: string, met: boolean): Row => ({
  name: `Redis commands for a ${name}`,
  value,
  unit: "commands",
  target,
  met,
});

const measure = async (redis: RedisServer, sqlite: BenchServer): Promise<Row[]> => {
  const server = await startServer(undefined, { HITAGI_STORE: redis.address(2) });
  const pools = { sqlite: new Pool(sqlite.url), redis: new Pool(server.url) };
  const client = new Redis({ path: redis.socket });
  try {
    const folder = await benchRegistry(PLUGINS);
    await prepare(sqlite, folder);
    const again = await prepare(server, folder);
    const rows = [await compare(list, pools), await compare(use, pools)];
    for (const request of [list, use, search, registries]) {
      const commands = (await commandsFor(client, COUNTED, requester(pools.redis, request))) / COUNTED;
      const target =
        request === list ? "< 0.1 (LANraragi: 159)" : request === use ? "< 0.1" : "none, for orientation";
      rows.push(counted(request.name, commands, target, !target.startsWith("<") || commands < 0.1));
    }
    rows.push(counted("whole install", await commandsFor(client, 1, again), "none, for orientation", true));
    return rows;
  } finally {
    client.disconnect();
    await Promise.all([pools.sqlite.close(), pools.redis.close()]);
    await server.stop();
  }
};

/** A server on Redis beside one on SQLite, alternating, and the commands sent to Redis. No rows without Redis. */
export const benchRedis = async (sqlite: BenchServer): Promise<Row[]> => {
  if (redisServers.length === 0) return [];
  const folder = ownFolder("hitagi-bench-redis-");
  const redis = await runRedis(folder);
  try {
    return await measure(redis, sqlite);
  } finally {
    await redis.kill();
  }
};
