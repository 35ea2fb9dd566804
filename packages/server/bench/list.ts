import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import autocannon from "autocannon";
import Fastify from "fastify";
import { killAtExit } from "../test/support/kill-at-exit.ts";
import { median, type Row } from "./measure.ts";
import { addRegistry, benchRegistry, install, manyNames } from "./plugins.ts";
import { API_KEY, type BenchServer } from "./server.ts";

const ROUNDS = 3;
const SECONDS = 4;
const authorization = `Bearer ${Buffer.from(API_KEY).toString("base64")}`;

/** The floor: only Fastify, sending prepared bytes, in a process of its own. */
export const serveFloor = async (bytes: Buffer): Promise<void> => {
  const app = Fastify();
  app.get("/", (_request, reply) => reply.type("application/json; charset=utf-8").send(bytes));
  console.log(await app.listen({ port: 0, host: "127.0.0.1" }));
};

export const startFloor = async (folder: string, bytes: Buffer) => {
  const file = path.join(folder, "floor.json");
  await writeFile(file, bytes);
  const child = killAtExit(
    spawn(process.execPath, [path.join(import.meta.dirname, "bench.js"), "--floor", file], {
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  const url = await new Promise<string>((resolve) => {
    child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString().trim()));
  });
  return { url, pid: child.pid ?? 0, stop: () => child.kill() };
};

const requestsPerSecond = async (url: string): Promise<number> => {
  const { requests, non2xx } = await autocannon({
    url,
    connections: 10,
    duration: SECONDS,
    headers: { authorization },
  });
  if (non2xx > 0) throw new Error(`${non2xx} requests to ${url} failed`);
  return requests.average;
};

/** Requests a second for a list of 30 plugins, against the floor, alternating, so that noise affects both. */
export const benchList = async (server: BenchServer): Promise<Row[]> => {
  const builtin = (await server.client.listPlugins({ params: { type: "all" } })).length;
  const names = manyNames(30 - builtin);
  const registry = await addRegistry(server.client, await benchRegistry(names.length));
  for (const name of names) await install(server.client, registry, name);

  const url = `${server.url}/api/plugins/all`;
  const response = await fetch(url, { headers: { authorization } });
  const bytes = Buffer.from(await response.arrayBuffer());
  const listed: unknown[] = JSON.parse(bytes.toString());
  if (listed.length !== 30) throw new Error(`${listed.length} plugins listed, not 30`);

  const floor = await startFloor(server.folder, bytes);
  const rounds: { ours: number; bare: number }[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    rounds.push({ bare: await requestsPerSecond(floor.url), ours: await requestsPerSecond(url) });
  }
  floor.stop();
  const ours = median(rounds.map((r) => r.ours));
  const bare = median(rounds.map((r) => r.bare));
  return [
    {
      name: "list of 30 plugins",
      value: ours,
      unit: "requests/s",
      floor: bare,
      target: "≥ 60% of a bare Fastify route",
      met: ours >= 0.6 * bare,
    },
  ];
};
