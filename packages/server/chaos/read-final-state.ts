import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { call } from "./client.ts";
import type { Cluster } from "./cluster.ts";
import type { NodeState, StoreState } from "./final-state-checker.ts";
import type { ServerNode } from "./node-process.ts";
import { CHANGING } from "./test-registry.ts";

/** The lock files of a running server. */
const isLock = (name: string): boolean => name.startsWith(".hitagi.lock");

const filesBelow = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && !isLock(entry.name))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"));
};

const sha256Of = async (file: string): Promise<string> =>
  createHash("sha256")
    .update(await readFile(file))
    .digest("hex");

/** Paths whose answers must be equal on all nodes. */
const COMPARED_PATHS = [
  "/api/plugins/installed",
  "/api/plugins/all",
  ...CHANGING.map((namespace) => `/api/plugins/installed/${namespace}/settings`),
  "/api/plugins/available?size=100",
];

/** Reads a node's answers and its disk. */
export const readNode = async ({ name, url, data }: ServerNode): Promise<NodeState> => {
  const answers: Record<string, unknown> = {};
  for (const at of COMPARED_PATHS) {
    const { verdict, reason, body } = await call(url, { method: "GET", path: at }, { node: name });
    answers[at] = verdict === "ok" ? body : reason;
  }
  const below = (folder: string) => filesBelow(path.join(data, folder));
  const plugins: Record<string, string> = {};
  for (const file of await below("plugins")) plugins[file] = await sha256Of(path.join(data, "plugins", file));
  const leftovers = (await below("journal")).map((file) => `journal/${file}`);
  const artifacts = (await below("artifacts")).filter((file) => !file.endsWith(".json"));
  return { name, answers, plugins, artifacts, leftovers };
};

const scan = async (client: Redis, pattern: string): Promise<string[]> => {
  const keys: string[] = [];
  for await (const found of client.scanStream({ match: pattern, count: 1000 }))
    keys.push(...(found as string[]));
  return keys;
};

/** LANraragi's paths of plugins begin so. */
const LIB = "LANraragi/Plugin/";
const ARTIFACT = "HITAGI:ARTIFACT:";

/** The hashes of the shared artifacts. */
const readShared = async (client: Redis, { artifacts }: Cluster): Promise<string[]> =>
  artifacts === undefined
    ? (await scan(client, `${ARTIFACT}*`)).map((key) => key.slice(ARTIFACT.length))
    : (await filesBelow(artifacts)).filter((file) => !file.endsWith(".json"));

const readInstalled = async (client: Redis): Promise<Record<string, string>> => {
  const installed: Record<string, string> = {};
  for (const key of await scan(client, "LRR_PLUGIN_*")) {
    const [file, hash] = await client.hmget(key, "installed_path", "installed_sha256");
    if (file && hash) installed[file.replace(LIB, "")] = hash;
  }
  return installed;
};

/** Milliseconds in which a lock whose holder died has surely ended. */
const LOCKS_END_MS = 15_000;

/** The locks that do not end. */
const locksLeft = async (client: Redis): Promise<string[]> => {
  const until = performance.now() + LOCKS_END_MS;
  for (;;) {
    const locks = await scan(client, "HITAGI:LOCK:*");
    if (locks.length === 0 || performance.now() > until) return locks;
    await sleep(100);
  }
};

/** Keys without an expiry. */
const lasting = async (client: Redis, keys: readonly string[]): Promise<string[]> => {
  const lives = await Promise.all(keys.map((key) => client.ttl(key)));
  return keys.filter((_, n) => lives[n] === -1);
};

const readLeftovers = async (client: Redis): Promise<string[]> => {
  const leftovers = await lasting(client, await scan(client, "HITAGI:INCOMING:*"));
  leftovers.push(...(await locksLeft(client)));
  for (const key of ["HITAGI:JOBS:CLAIMED", "HITAGI:JOBS:WAITING"])
    for (const id of await client.zrange(key, "0", "-1")) leftovers.push(`${key} ${id}`);
  return leftovers;
};

/** The hashes of the builtin plugins. */
const builtinHashes = async (program: string): Promise<string[]> => {
  const folder = path.join(path.dirname(program), "builtin");
  return Promise.all((await readdir(folder)).map((name) => sha256Of(path.join(folder, name))));
};

/** Reads Redis and the shared artifacts directly. @param program the built `hitagi.js`, with the builtin plugins beside it */
export const readStore = async (cluster: Cluster, program: string): Promise<StoreState> => {
  const client = new Redis({ path: cluster.socket, db: cluster.database });
  try {
    const installed = await readInstalled(client);
    const referenced = new Set(Object.values(installed));
    for (const key of await scan(client, "HITAGI:VERSIONS:*"))
      for (const hash of await client.hkeys(key)) referenced.add(hash);
    const artifacts = await readShared(client, cluster);
    const leftovers = await readLeftovers(client);
    // Artifacts that a dead server had not recorded are removed an hour later.
    const noted = await client.zrange("HITAGI:UNRECORDED", "0", "-1");
    const optional = [...(await builtinHashes(program)), ...noted];
    return { installed, referenced: [...referenced], optional, artifacts, leftovers };
  } finally {
    client.disconnect();
  }
};
