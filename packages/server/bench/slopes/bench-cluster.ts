import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Redis } from "ioredis";
import { type RedisServer, redisServers, runRedis } from "../../test/support/redis-process.ts";
import { type BenchServer, startServer } from "../server.ts";

/** A Redis and servers on it, each with its own folders, as on machines of their own. */
export interface BenchCluster {
  redis: RedisServer;
  client: Redis;
  servers: BenchServer[];
  folder: string;
  /** Starts one more; with the name of a stopped one, on its data. */
  start(name: string): Promise<BenchServer>;
}

const DATABASE = 2;

/** Runs work on a new Redis that keeps nothing on disk, with this many servers, and stops them all. */
export const withBenchCluster = async <T>(
  count: number,
  work: (cluster: BenchCluster) => Promise<T>,
): Promise<T> => {
  if (redisServers.length === 0)
    throw new Error("there is no redis-server; on Debian: apt-get install redis-server");
  const folder = await mkdtemp(path.join(tmpdir(), "hitagi-slopes-"));
  const redis = await runRedis(folder);
  const client = new Redis({ path: redis.socket, db: DATABASE });
  const servers: BenchServer[] = [];
  const start = async (name: string): Promise<BenchServer> => {
    await mkdir(path.join(folder, name), { recursive: true });
    const server = await startServer(path.join(folder, name), {
      HITAGI_STORE: redis.address(DATABASE),
      HITAGI_LIBRARY: path.join(folder, "library"),
    });
    servers.push(server);
    return server;
  };
  try {
    for (let n = 0; n < count; n++) await start(`node-${n}`);
    return await work({ redis, client, servers, folder, start });
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    client.disconnect();
    await redis.kill();
    await rm(folder, { recursive: true, force: true });
  }
};
