import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type RedisServer, redisServers, runRedis } from "./redis-process.ts";

/** Whether tests that need a Redis are skipped: nowhere in a continuous run. */
export const withoutRedis = redisServers.length === 0 && !process.env.CI;

/** A server for all tests of a file, or of the describe block that this is called in; a function that answers it. */
export const sharedRedis = (settings: readonly string[] = [], binary?: string): (() => RedisServer) => {
  let folder: string | undefined;
  let server: RedisServer | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "hitagi-redis-"));
    server = await runRedis(folder, settings, binary);
  });
  afterAll(async () => {
    await server?.kill();
    if (folder) await rm(folder, { recursive: true, force: true });
  });
  return () => {
    if (!server) throw new Error("Redis was not started");
    return server;
  };
};
