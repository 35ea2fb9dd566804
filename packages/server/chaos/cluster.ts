import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { cbz } from "../test/library/cbz.ts";
import { type RedisServer, runRedis } from "../test/support/redis-process.ts";
import { type Balancer, createBalancer } from "./load-balancer.ts";
import { createNode, type ServerNode } from "./node-process.ts";
import { createRedisProxy } from "./redis-proxy.ts";

/** Redis, nodes and a load balancer, all on loopback and in one folder. */
export interface Cluster {
  readonly folder: string;
  readonly registryFolder: string;
  readonly nodes: readonly ServerNode[];
  readonly balancer: Balancer;
  /** The socket of Redis, past the proxies. */
  readonly socket: string;
  readonly database: number;
  /** The folder with the shared artifacts; undefined where Redis has them. */
  readonly artifacts: string | undefined;
  /** Kills Redis with SIGKILL. */
  killRedis(): Promise<void>;
  startRedis(): Promise<void>;
  pauseRedis(): void;
  resumeRedis(): void;
  /** Stops everything and removes the folder. */
  close(): Promise<void>;
}

export interface ClusterOptions {
  /** The built `hitagi.js`. */
  program: string;
  nodes: number;
  archives: number;
  now: () => number;
  /** Where the nodes share artifacts; in Redis where absent. */
  artifacts?: ArtifactsIn;
  /** See {@proxy BalancerOptions}. */
  staleNode?: string | undefined;
  /** Keeps the folder, with the nodes' logs in it. */
  keep?: boolean;
}

export const artifactPlaces = ["redis", "folder"] as const;
type ArtifactsIn = (typeof artifactPlaces)[number];

const DATABASE = 2;
/** Every change is on disk before it is answered, so that a killed Redis loses no acknowledged write. */
const DURABLE = ["--appendonly", "yes", "--appendfsync", "always"];
/** The timeout of a call is longer than any wait for a killed node, also on a slow machine. */
const [ANSWER_MS, REST_MS] = [15_000, 2000];

/** @throws Error where a part does not start */
export const startCluster = async (options: ClusterOptions): Promise<Cluster> => {
  const folder = await mkdtemp(path.join(tmpdir(), "hitagi-cluster-"));
  const at = (...parts: string[]): string => path.join(folder, ...parts);
  await Promise.all(["redis", "library", "registry", "artifacts"].map((name) => mkdir(at(name))));
  for (let n = 0; n < options.archives; n++) await writeFile(at("library", `${n}.cbz`), cbz(`archive ${n}`));

  const artifacts = options.artifacts === "folder" ? at("artifacts") : undefined;
  let redis: RedisServer = await runRedis(at("redis"), DURABLE);
  const balancer = await createBalancer({
    answerMs: ANSWER_MS,
    restMs: REST_MS,
    staleNode: options.staleNode,
  });
  const nodes: ServerNode[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.destroy()));
    await balancer.close();
    await Promise.all(nodes.map(({ proxy }) => proxy.close()));
    await redis.kill();
    if (options.keep) {
      for (const { name, log } of nodes) {
        await writeFile(
          at(`${name}.log`),
          log.map((line) => `${line.at.toFixed(0)} ${line.text}\n`).join(""),
        );
      }
    } else await rm(folder, { recursive: true, force: true });
  };
  try {
    for (let n = 1; n <= options.nodes; n++) {
      const name = `node-${n}`;
      const node = createNode({
        name,
        program: options.program,
        data: at(name),
        library: at("library"),
        artifacts,
        proxy: await createRedisProxy(redis.socket),
        database: DATABASE,
        now: options.now,
        listens: (url) => balancer.place(name, url),
      });
      nodes.push(node);
    }
    await Promise.all(nodes.map((node) => node.start()));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    folder,
    registryFolder: at("registry"),
    nodes,
    balancer,
    socket: redis.socket,
    database: DATABASE,
    artifacts,
    killRedis: () => redis.kill(),
    startRedis: async () => {
      redis = await runRedis(at("redis"), DURABLE);
    },
    pauseRedis: () => redis.signal("SIGSTOP"),
    resumeRedis: () => redis.signal("SIGCONT"),
    close,
  };
};
