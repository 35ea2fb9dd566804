import { cp } from "node:fs/promises";
import path from "node:path";
import { Redis } from "ioredis";
import pLimit from "p-limit";
import { Pool } from "undici";
import { ownFolder } from "../../../scripts/own-folder.mjs";
import { fillStore } from "../../web/bench/large-server.ts";
import { moveBetween } from "../src/store-copy/move.ts";
import { redisServers, runRedis } from "../test/support/redis-process.ts";
import { compare } from "./compare.ts";
import { type BenchOptions, compared, counted, median, type Row, timed, timeOf } from "./measure.ts";
import { addRegistry, benchRegistry, finished, install, manyNames } from "./plugins.ts";
import { commandsFor } from "./redis.ts";
import { API_KEY, type BenchServer, memoryOf, startServer } from "./server.ts";

/** Archives and entries of the history of the two servers, and the plugins of each. */
const [SMALL, LARGE, PLUGINS] = [1000, 100_000, 1000];
const [ROUNDS, REQUESTS, AT_ONCE, POLL_MS] = [5, 30, 4, 20];
/** Upgrades whose commands are counted, and milliseconds between two questions whether one has ended. */
const [UPGRADES, ASK_MS] = [7, 50];

const headers = { authorization: `Bearer ${Buffer.from(API_KEY).toString("base64")}` };

/** What is asked of both servers: a page of fifty, or the list of a thousand plugins. `n` differs for each request. */
const requests: readonly { id: string; name: string; path: (n: number) => string }[] = [
  { id: "list", name: `list of ${PLUGINS} plugins`, path: () => "/api/plugins/all" },
  { id: "search", name: "search over plugins", path: () => "/api/plugins/available?q=many" },
  { id: "page", name: "page of archives", path: (n) => `/api/library/archives?size=50&page=${1 + (n % 20)}` },
  {
    id: "sorted",
    name: "page of archives by title",
    path: (n) => `/api/library/archives?size=50&page=${1 + (n % 20)}&sort=title`,
  },
  {
    id: "found",
    name: "page of archives with words",
    path: (n) => `/api/library/archives?size=50&page=${1 + (n % 20)}&q=title`,
  },
  {
    id: "tagged",
    name: "page of archives with a tag",
    path: (n) => `/api/library/archives?size=50&page=${1 + (n % 20)}&tag=kind-3:`,
  },
  {
    id: "words",
    name: "first page of archives with other words each time",
    path: (n) => `/api/library/archives?size=50&q=title+${n % 1000}`,
  },
  { id: "history", name: "page of the history", path: (n) => `/api/history?size=50&page=${1 + (n % 20)}` },
  { id: "jobs", name: "page of jobs", path: () => "/api/minion?size=50" },
];

const installMany = async ({ client }: BenchServer, folder: string): Promise<void> => {
  const registry = await addRegistry(client, folder);
  await install(client, registry, "echo", "1.0.0", POLL_MS);
  await pLimit(AT_ONCE).map(manyNames(PLUGINS), async (namespace) => {
    await finished(client, (await client.installPlugin({ body: { namespace, registry } })).job, POLL_MS);
  });
};

const start = (data: string) => startServer(data, { HITAGI_HISTORY_ENTRIES: String(2 * LARGE) });

/** A folder with the small library and all plugins, and a copy of it with the large library. */
const filled = async (): Promise<[few: string, many: string]> => {
  const [few, many] = [ownFolder("hitagi-bench-size-"), ownFolder("hitagi-bench-size-")];
  await fillStore(few, { archives: SMALL, entries: SMALL });
  const server = await start(few);
  await installMany(server, await benchRegistry(PLUGINS)).finally(server.stop);
  await cp(few, many, { recursive: true });
  await fillStore(many, { archives: LARGE, entries: LARGE });
  return [few, many];
};

let asked = 0;

const millisecondsOf = async (pool: Pool, pathOf: (n: number) => string): Promise<number> =>
  median(
    await timed(
      REQUESTS,
      async () => {
        const path = pathOf(++asked);
        const { statusCode, body } = await pool.request({ method: "GET", path, headers });
        await body.dump({ limit: Number.MAX_SAFE_INTEGER });
        if (statusCode !== 200) throw new Error(`${path} was answered with ${statusCode}`);
      },
      { warmup: 3 },
    ),
  );

const compareRequests = async (
  small: BenchServer,
  large: BenchServer,
  tries: number,
): Promise<readonly Row[]> => {
  const [few, many] = [new Pool(small.url), new Pool(large.url)];
  const rows: Row[] = [];
  for (const { id, name, path } of requests) {
    const found = await compare(
      ROUNDS,
      async () => ({ floor: await millisecondsOf(few, path), value: await millisecondsOf(many, path) }),
      tries,
    );
    const against = `${name}, beside ${LARGE.toLocaleString("en")} archives against ${SMALL.toLocaleString("en")}`;
    rows.push(compared(`size-${id}`, against, "ms", found));
  }
  await Promise.all([few.close(), many.close()]);
  return rows;
};

/** The first page of archives after a start, which reads them all; and then the memory of the servers. */
const compareFirst = async (small: BenchServer, large: BenchServer): Promise<readonly Row[]> => {
  const first = (server: BenchServer) =>
    timeOf(() => server.client.searchArchives({ query: { page: 1, size: 50, sort: "title" } }));
  const [floor, value] = [await first(small), await first(large)];
  const name = "first page of archives by title after a start";
  return [{ id: "size-first", name, unit: "ms", value, floor, ratio: value / floor, spread: 0 }];
};

const compareMemory = async (small: BenchServer, large: BenchServer): Promise<Row> => {
  const [few, many] = [await memoryOf(small.pid), await memoryOf(large.pid)];
  const added = many.now - few.now;
  return counted("size-memory", "memory more of the server with many archives, after all that", "MB", added);
};

/** Redis commands of an upgrade beside a thousand plugins; no row without redis-server. */
const benchUpgrade = async (data: string): Promise<Row[]> => {
  if (redisServers.length === 0) return [];
  const redis = await runRedis(ownFolder("hitagi-bench-redis-"));
  const client = new Redis({ path: redis.socket });
  try {
    const file = `sqlite:${path.join(data, "hitagi.db")}`;
    await moveBetween(file, redis.address(2), { readIndex: async () => undefined });
    const server = await startServer(data, { HITAGI_STORE: redis.address(2) });
    const [registry] = (await server.client.listRegistries({})).registries;
    const counts: number[] = [];
    for (let n = 1; n <= UPGRADES; n++)
      counts.push(
        await commandsFor(client, 1, () =>
          install(server.client, registry?.id ?? "", "echo", `1.${n}.0`, ASK_MS),
        ),
      );
    await server.stop();
    return [
      counted(
        "size-upgrade",
        `Redis commands for an upgrade beside ${PLUGINS} plugins`,
        "commands",
        median(counts),
      ),
    ];
  } finally {
    client.disconnect();
    await redis.kill();
  }
};

/** Requests to a server with 100,000 archives, against one with 1,000, each with 1,000 plugins; and the start of both. */
export const benchSizes = async ({ tries }: BenchOptions): Promise<Row[]> => {
  const [few, many] = await filled();
  const [small, large] = [await start(few), await start(many)];
  const rows: Row[] = [];
  try {
    rows.push(...(await compareFirst(small, large)));
    rows.push(...(await compareRequests(small, large, tries)));
    rows.push(await compareMemory(small, large));
  } finally {
    await Promise.all([small.stop(), large.stop()]);
  }
  const startOf = (data: string) => timeOf(async () => (await start(data)).stop());
  const started = await compare(3, async () => ({ floor: await startOf(few), value: await startOf(many) }));
  rows.push(compared("size-start", "start and stop with as many", "ms", started));
  return [...rows, ...(await benchUpgrade(few))];
};
