import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { createBalancer } from "../../chaos/load-balancer.ts";
import { startFloor } from "../floor-server.ts";
import { quantile, throughput } from "../measure.ts";
import { addRegistry, benchRegistry, finished } from "../plugins.ts";
import { API_KEY, type BenchServer } from "../server.ts";
import { type BenchCluster, withBenchCluster } from "./bench-cluster.ts";
import { processorMs } from "./process-time.ts";
import { costOf } from "./redis-cost.ts";
import type { SlopeTable } from "./table.ts";

const headers = { authorization: `Bearer ${Buffer.from(API_KEY).toString("base64")}` };
const NODES = [1, 2, 3] as const;
const [CALLS, IN_FLIGHT, WARMUP] = [12_000, 32, 2000];
const [INSTALLS, POLL_MS] = [24, 20];
const IDLE_MS = 12_000;

interface BenchRequest {
  method: "GET" | "POST";
  path: string;
}

const USE: BenchRequest = { method: "POST", path: "/api/plugins/use?plugin=echo&arg=hello" };
const LIST: BenchRequest = { method: "GET", path: "/api/plugins/all" };

interface Rate {
  perSecond: number;
  /** Microseconds of processor that the servers and their sandboxes used for one. */
  processorUs: number;
}

const requester =
  (pools: readonly Pool[], { method, path }: BenchRequest) =>
  async (n: number): Promise<void> => {
    const pool = pools[n % pools.length] as Pool;
    const { statusCode, body } = await pool.request({ method, path, headers });
    await body.dump();
    if (statusCode !== 200) throw new Error(`${path} was answered with ${statusCode}`);
  };

/** Requests to some addresses, one after the other. */
const rateOf = async (urls: readonly string[], pids: number[], request: BenchRequest): Promise<Rate> => {
  const pools = urls.map((url) => new Pool(url));
  const ask = requester(pools, request);
  let n = 0;
  try {
    await throughput(WARMUP, IN_FLIGHT, () => ask(n++));
    const before = await processorMs(...pids);
    const perSecond = await throughput(CALLS, IN_FLIGHT, () => ask(n++));
    return { perSecond, processorUs: (1000 * ((await processorMs(...pids)) - before)) / CALLS };
  } finally {
    await Promise.all(pools.map((pool) => pool.close()));
  }
};

const throughBalancer = async (servers: readonly BenchServer[], pids: number[]): Promise<Rate> => {
  const balancer = await createBalancer({ answerMs: 30_000, restMs: 1000 });
  servers.forEach(({ url }, n) => {
    balancer.place(`node-${n}`, url);
  });
  try {
    return await rateOf([balancer.url], pids, USE);
  } finally {
    await balancer.close();
  }
};

/** Installs one version after the other, each on the next server; milliseconds of each. */
const installs = async (servers: readonly BenchServer[], registry: string): Promise<number[]> => {
  const taken: number[] = [];
  for (let n = 0; n < INSTALLS; n++) {
    const { client } = servers[n % servers.length] as BenchServer;
    const begun = performance.now();
    const body = { namespace: "echo", registry, version: `1.${n + 1}.0` };
    await finished(client, (await client.installPlugin({ body })).job, POLL_MS);
    taken.push(performance.now() - begun);
  }
  return taken;
};

/** Costs of one number of nodes. */
export interface NodesCost {
  nodes: number;
  direct: Rate;
  balanced: Rate;
  lists: Rate;
  installMs: number[];
  /** Of one install: commands, and microseconds of Redis' processor. */
  installCommands: number;
  installRedisUs: number;
  /** Of all nodes, in a second without requests. */
  idleCommands: number;
  idleRedisUs: number;
  idleNodeMs: number;
  callCommands: number;
}

const measure = async ({ client, servers }: BenchCluster): Promise<NodesCost> => {
  const [first] = servers as [BenchServer];
  const pids = servers.map(({ pid }) => pid);
  const registry = await addRegistry(first.client, await benchRegistry(0));
  await finished(
    first.client,
    (await first.client.installPlugin({ body: { namespace: "echo", registry } })).job,
  );
  const urls = servers.map(({ url }) => url);
  const lists = await rateOf(urls, pids, LIST);
  let direct: Rate = { perSecond: Number.NaN, processorUs: Number.NaN };
  const calls = await costOf(client, async () => {
    direct = await rateOf(urls, pids, USE);
  });
  const balanced = await throughBalancer(servers, pids);
  const processorBefore = await processorMs(...pids);
  const idle = await costOf(client, () => sleep(IDLE_MS));
  const idleNodeMs = ((await processorMs(...pids)) - processorBefore) / (idle.ms / 1000);
  const perMs = { commands: idle.commands / idle.ms, redisMs: idle.processorMs / idle.ms };
  let installMs: number[] = [];
  const changes = await costOf(client, async () => {
    installMs = await installs(servers, registry);
  });
  return {
    nodes: servers.length,
    direct,
    balanced,
    lists,
    installMs,
    installCommands: (changes.commands - changes.ms * perMs.commands) / INSTALLS,
    installRedisUs: (1000 * (changes.processorMs - changes.ms * perMs.redisMs)) / INSTALLS,
    idleCommands: 1000 * perMs.commands,
    idleRedisUs: 1e6 * perMs.redisMs,
    idleNodeMs,
    callCommands: Math.max(0, calls.commands - calls.ms * perMs.commands) / (CALLS + WARMUP),
  };
};

/** Only Fastify, answering as many bytes as a plugin's call. */
const floorRate = async (folder: string): Promise<Rate> => {
  const bytes = Buffer.from(JSON.stringify({ operation: "use_plugin", success: 1, data: { said: "hello" } }));
  const floor = await startFloor(folder, bytes);
  try {
    return await rateOf([floor.url], [floor.pid], { method: "GET", path: "/" });
  } finally {
    floor.stop();
  }
};

export const nodesSlope = async (): Promise<{ costs: NodesCost[]; tables: SlopeTable[] }> => {
  const costs: NodesCost[] = [];
  let floor: Rate | undefined;
  for (const count of NODES) {
    costs.push(
      await withBenchCluster(count, async (cluster) => {
        floor ??= await floorRate(cluster.folder);
        return measure(cluster);
      }),
    );
  }
  const row = (name: string, of: (cost: NodesCost) => number, bare: number | string = "") => [
    name,
    ...costs.map(of),
    bare,
  ];
  const table: SlopeTable = {
    title: "Nodes on one Redis",
    head: ["", ...NODES.map((n) => `${n} ${n === 1 ? "node" : "nodes"}`), "bare Fastify"],
    rows: [
      row("calls of a plugin a second, asked directly", ({ direct }) => direct.perSecond, floor?.perSecond),
      row("the same through a balancer in Node", ({ balanced }) => balanced.perSecond),
      row(
        "processor of nodes and sandboxes for a call, µs",
        ({ direct }) => direct.processorUs,
        floor?.processorUs,
      ),
      row("lists a second", ({ lists }) => lists.perSecond),
      row("processor for a list, µs", ({ lists }) => lists.processorUs),
      row("install to finished, median, ms", ({ installMs }) => quantile(installMs, 0.5)),
      row("install to finished, p95, ms", ({ installMs }) => quantile(installMs, 0.95)),
      row("Redis commands for a call", ({ callCommands }) => callCommands),
      row("Redis commands for an install, those in scripts too", ({ installCommands }) => installCommands),
      row("Redis' processor for an install, µs", ({ installRedisUs }) => installRedisUs),
      row("Redis commands a second while nothing is asked", ({ idleCommands }) => idleCommands),
      row("Redis' processor a second while nothing is asked, µs", ({ idleRedisUs }) => idleRedisUs),
      row("processor of all nodes a second while nothing is asked, ms", ({ idleNodeMs }) => idleNodeMs),
    ],
  };
  return { costs, tables: [table] };
};
