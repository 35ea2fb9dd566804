import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import { openCliWorld, type World } from "../cli/cli-world.ts";
import { pluginText } from "../http/plugin-sources.ts";
import { type FixturePlugin, writeRegistry } from "../support/registry-fixture.ts";

export const ORIGIN = "example.org/mine";

const SETTINGS = 'parameters: { word: { type: "string" }, key: { type: "secret" } },';
const NET = 'permissions: { net: ["api.example.org", "other.example.org"] },';

/** The text of `echo`, a metadata plugin with a setting, a secret and two hosts. */
export const echoText = (version: string): string =>
  pluginText("echo", version, "metadata", "async getTags() { return { tags: [] }; },", `${SETTINGS} ${NET}`);

/** Versions of `echo`, and of a script without anything. */
export const published = (...versions: string[]): FixturePlugin[] => [
  {
    ...{ namespace: "echo", type: "metadata" },
    versions: versions.map((version) => ({ version, source: echoText(version) })),
  },
  {
    ...{ namespace: "plain", type: "script" },
    versions: [
      { version: "1.0.0", source: pluginText("plain", "1.0.0", "script", "async run() { return 1; },") },
    ],
  },
];

/** Two servers, and the folder of a signed registry that both can read. */
export interface TwoServers {
  first: World;
  second: World;
  /** The registry's folder. */
  mine: string;
}

/** Opens the servers for each test of a file. The registry is configured on the first one. */
export const twoServers = (): TwoServers => {
  const servers = {} as TwoServers;
  beforeEach(async () => {
    servers.first = await openCliWorld();
    servers.second = await openCliWorld();
    servers.mine = path.join(servers.first.folder, "mine");
    await mkdir(servers.mine);
    const keys = ["--out", "a.key", "--recovery-out", "a.paper"];
    await done(servers.first, "registry", "keygen", "--origin", ORIGIN, ...keys);
    await publish(servers, "1.0.0", "1.1.0");
    await done(servers.first, "registry", "add", "./mine", "--name", "Mine");
  });
  afterEach(async () => {
    await servers.first.close();
    await servers.second.close();
  });
  return servers;
};

/** Runs a command that has to succeed. */
export const done = async (world: World, ...argv: string[]) => {
  const ran = await world.run(...argv);
  expect(ran.code, `${argv.join(" ")}: ${ran.err}`).toBe(0);
  return ran;
};

/** Publishes these versions under the next head. */
export const publish = async ({ first, mine }: TwoServers, ...versions: string[]): Promise<void> => {
  await writeRegistry(mine, published(...versions));
  await done(first, "registry", "sign", "mine", "--key", "a.key");
};

/** Writes the lock file of a server. @returns its absolute path */
export const exported = async (world: World, name = "hitagi.lock"): Promise<string> => {
  await done(world, "export", name, "--yes");
  return path.join(world.folder, name);
};

/** The content of a lock file, to be changed. */
// biome-ignore lint/suspicious/noExplicitAny: attacks write what no lock file has
export const changeLock = async (file: string, change: (lock: any) => void): Promise<void> => {
  const lock = JSON.parse(await readFile(file, "utf8"));
  change(lock);
  await writeFile(file, JSON.stringify(lock));
};

/** The installed plugins of a server that are no builtins, by namespace. */
export const installedOn = async (world: World): Promise<Record<string, string>> => {
  const { json } = await done(world, "list", "--json");
  const own = json.filter(({ origin }: { origin: string }) => origin !== "builtin");
  return Object.fromEntries(
    own.map(({ namespace, version }: Record<string, string>) => [namespace, version]),
  );
};
