import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { Redis } from "ioredis";
import { onTestFinished, vi } from "vitest";
import { tempFolder } from "./temp-folder.ts";

const binary = ["/usr/bin/redis-server", "/usr/local/bin/redis-server", "/usr/bin/valkey-server"].find(
  (file) => existsSync(file),
);

/** Whether tests that need a Redis are skipped: nowhere in a continuous run. */
export const withoutRedis = binary === undefined && !process.env.CI;

/** A real server that keeps nothing, on a socket of its own, ended with the test. Answers the socket's path. */
export const redisServer = async (...settings: string[]): Promise<string> => {
  const folder = await tempFolder();
  const socket = path.join(folder, "redis.sock");
  const quiet = [
    "--port",
    "0",
    "--unixsocket",
    socket,
    "--dir",
    folder,
    "--save",
    "",
    "--logfile",
    `${folder}/log`,
  ];
  const child = spawn(binary ?? "redis-server", [...quiet, ...settings], { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  await vi.waitFor(() => expectSocket(socket), { timeout: 10_000 });
  return socket;
};

const expectSocket = (socket: string): void => {
  if (!existsSync(socket)) throw new Error("Redis does not listen yet");
};

/** A connection to it, for a test to fill it by hand. */
export const redisClient = (socket: string, options: { db: number; password?: string }): Redis => {
  const client = new Redis({ path: socket, ...options });
  onTestFinished(() => client.disconnect());
  return client;
};
