import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { cbz } from "../test/library/cbz.ts";
import { type RedisServer, runRedis } from "../test/support/redis-process.ts";
import { type Balancer, createBalancer } from "./balancer.ts";
import { createLink } from "./link.ts";
import { createNode, type TrialNode } from "./node-process.ts";

/** Redis, nodes and what stands before them, all on loopback and in one folder. */
export interface Cluster {
  readonly folder: string;
  readonly registryFolder: string;
  readonly nodes: readonly TrialNode[];
  readonly balancer: Balancer;
  /** The socket of Redis, beside all links. */
  readonly socket: string;
  readonly database: number;
  /** The folder in which the nodes share the bytes of versions; undefined where Redis has them. */
  readonly artifacts: string | undefined;
  /** Kills Redis, as a power cut would. */
  killRedis(): Promise<void>;
  startRedis(): Promise<void>;
  pauseRedis(): void;
  resumeRedis(): void;
  /** Ends all that was started and removes the folder. */
  close(): Promise<void>;
}

export interface ClusterOptions {
  /** The built `hitagi.js`. */
  program: string;
  nodes: number;
  archives: number;
  now: () => number;
  /** Where the nodes share the bytes of versions; in Redis where absent. */
  artifacts?: ArtifactsIn;
  /** See {@link BalancerOptions}. */
  staleNode?: string | undefined;
  /** Leaves the folder there, with what the nodes logged. */
  keep?: boolean;
}

export const artifactPlaces = ["redis", "folder"] as const;
type ArtifactsIn = (typeof artifactPlaces)[number];

const DATABASE = 2;
/** Every change is on the disk before it is answered, so that a Redis that is killed has lost nothing that it said it had. */
const DURABLE = ["--appendonly", "yes", "--appendfsync", "always"];
/** What an owner may set: the first is longer than any call that waits for a node that was killed, with room for a slow machine. */
const [ANSWER_MS, REST_MS] = [15_000, 2000];

/** @throws Error where anything does not start */
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
  const nodes: TrialNode[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.destroy()));
    await balancer.close();
    await Promise.all(nodes.map(({ link }) => link.close()));
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
        link: await createLink(redis.socket),
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
