import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import type { NodeState, StoreState } from "./aftermath.ts";
import { ask } from "./ask.ts";
import type { Cluster } from "./cluster.ts";
import type { TrialNode } from "./node-process.ts";
import { CHANGING } from "./registry.ts";

/** Names that a server locks its folders by, for as long as it runs. */
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

/** What each node is to say alike. Seconds that a registry's index is old are left out by not asking for them. */
const ALIKE = [
  "/api/plugins/installed",
  "/api/plugins/all",
  ...CHANGING.map((namespace) => `/api/plugins/installed/${namespace}/settings`),
  "/api/plugins/available?size=100",
];

/** Reads what a node answers and what is on its disk. */
export const readNode = async ({ name, url, data }: TrialNode): Promise<NodeState> => {
  const answers: Record<string, unknown> = {};
  for (const at of ALIKE) {
    const { verdict, reason, body } = await ask(url, { method: "GET", path: at }, { node: name });
    answers[at] = verdict === "ok" ? body : reason;
  }
  const below = (folder: string) => filesBelow(path.join(data, folder));
  const plugins: Record<string, string> = {};
  for (const file of await below("plugins")) plugins[file] = await sha256Of(path.join(data, "plugins", file));
  const remains = (await below("journal")).map((file) => `journal/${file}`);
  const artifacts = (await below("artifacts")).filter((file) => !file.endsWith(".json"));
  return { name, answers, plugins, artifacts, remains };
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

/** The hashes of the versions whose bytes the nodes share. */
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

/** Milliseconds in which a lock ends whose holder could not free it, with room. */
const LOCKS_END_MS = 15_000;

/** The locks that outlive their life. */
const locksLeft = async (client: Redis): Promise<string[]> => {
  const until = performance.now() + LOCKS_END_MS;
  for (;;) {
    const locks = await scan(client, "HITAGI:LOCK:*");
    if (locks.length === 0 || performance.now() > until) return locks;
    await sleep(100);
  }
};

/** Keys that end by themselves are not left behind. */
const lasting = async (client: Redis, keys: readonly string[]): Promise<string[]> => {
  const lives = await Promise.all(keys.map((key) => client.ttl(key)));
  return keys.filter((_, n) => lives[n] === -1);
};

const readRemains = async (client: Redis): Promise<string[]> => {
  const remains = await lasting(client, await scan(client, "HITAGI:INCOMING:*"));
  remains.push(...(await locksLeft(client)));
  for (const key of ["HITAGI:JOBS:CLAIMED", "HITAGI:JOBS:WAITING"])
    for (const id of await client.zrange(key, "0", "-1")) remains.push(`${key} ${id}`);
  return remains;
};

/** The hashes of the plugins that come with the program. */
const builtinHashes = async (program: string): Promise<string[]> => {
  const folder = path.join(path.dirname(program), "builtin");
  return Promise.all((await readdir(folder)).map((name) => sha256Of(path.join(folder, name))));
};

/** Reads Redis and what the nodes share beside it, past them. @param program the built `hitagi.js`, with the builtin plugins beside it */
export const readStore = async (cluster: Cluster, program: string): Promise<StoreState> => {
  const client = new Redis({ path: cluster.socket, db: cluster.database });
  try {
    const installed = await readInstalled(client);
    const referenced = new Set(Object.values(installed));
    for (const key of await scan(client, "HITAGI:VERSIONS:*"))
      for (const hash of await client.hkeys(key)) referenced.add(hash);
    const artifacts = await readShared(client, cluster);
    const remains = await readRemains(client);
    // What a server that died had not recorded yet is noted, and goes an hour later.
    const noted = await client.zrange("HITAGI:UNRECORDED", "0", "-1");
    const optional = [...(await builtinHashes(program)), ...noted];
    return { installed, referenced: [...referenced], optional, artifacts, remains };
  } finally {
    client.disconnect();
  }
};
