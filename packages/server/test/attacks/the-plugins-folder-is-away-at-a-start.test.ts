import { chmod, cp, mkdir, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { Redis } from "ioredis";
import { pino } from "pino";
import { describe, expect, onTestFinished, test } from "vitest";
import { startServer } from "../../src/app/listen.ts";
import { readConfig } from "../../src/config/config.ts";
import { runCaptured } from "../cli/cli-world.ts";
import { pluginText } from "../http/plugin-sources.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";

const redis = sharedRedis();
let last = 0;

/** A plugin that asks for hosts and for the library, and has a setting. */
const sourceOf = (namespace: string) =>
  pluginText(
    namespace,
    "1.0.0",
    "script",
    'run: () => "ran",',
    `permissions: { net: ["${namespace}.example.org"], library: "read" },
    parameters: { limit: { type: "int" } },`,
  );

/** A server on a store with an installed and a sideloaded plugin. Its plugins folder is a disk of its own, which may be away. */
const serveInstalled = async (storeOf: (folder: string) => string) => {
  const folder = await tempFolder();
  const [data, plugins] = [path.join(folder, "data"), path.join(folder, "plugins")];
  const settings = { data, plugins, store: storeOf(folder), port: "0", warm: "0" };
  const lines: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void lines.push(line) });
  const start = async () => {
    const server = await startServer(readConfig(settings, {}), log);
    onTestFinished(() => server.stop());
    const env = { HITAGI_SERVER: server.address, HITAGI_DATA: data };
    const run = (...argv: string[]) => runCaptured(argv, { cwd: folder, env });
    /** All that the records hold: grants, flags, settings and links to registries. */
    const state = async () => ({
      plugins: (await run("list", "--json")).json,
      settings: [
        (await run("settings", "managed", "--json")).json,
        (await run("settings", "sideloaded", "--json")).json,
      ],
    });
    return { server, run, state };
  };
  const versions = [{ version: "1.0.0", name: "managed", source: sourceOf("managed") }];
  await writeRegistry(path.join(folder, "registry"), [{ namespace: "managed", type: "script", versions }]);
  await writeFile(path.join(folder, "sideloaded.ts"), sourceOf("sideloaded"));
  const { server, run, state } = await start();
  await run("registry", "add", path.join(folder, "registry"));
  for (const argv of [
    ["install", "managed", "--yes"],
    ["sideload", "sideloaded.ts"],
    ["grant", "sideloaded", "--net", "sideloaded.example.org"],
    ["settings", "managed", "limit=7"],
    ["settings", "sideloaded", "limit=8"],
  ]) {
    const done = await run(...argv);
    expect(done.code, done.err).toBe(0);
  }
  const before = await state();
  const find = (namespace: string) =>
    before.plugins.find((plugin: { namespace: string }) => plugin.namespace === namespace);
  const [registry] = (await run("registry", "list", "--json")).json;
  expect(find("managed")).toMatchObject({
    registry: registry.id,
    granted: { net: ["managed.example.org"], library: "read" },
  });
  expect(find("sideloaded")).toMatchObject({ granted: { net: ["sideloaded.example.org"] } });
  expect(JSON.stringify(before.settings)).toMatch(/7.*8/);
  await server.stop();
  return { data, plugins, start, before, log: () => lines.join("") };
};

interface Listed {
  namespace: string;
  health: { state: string };
}
/** What a list shows of a plugin's record, without whether it can run. */
const recorded = ({ health, ...record }: Listed) => record;
const stateOf = (plugins: readonly Listed[], namespace: string) =>
  plugins.find((plugin) => plugin.namespace === namespace)?.health.state;

/** What stands in place of the folder while its disk is not mounted. */
const substitutes: [string, (folder: string) => Promise<unknown>][] = [
  ["nothing", async () => {}],
  ["an empty Managed", (folder) => mkdir(path.join(folder, "Managed/Scripts"), { recursive: true })],
  ["lost+found", (folder) => mkdir(path.join(folder, "lost+found"), { recursive: true })],
  ["@eaDir", (folder) => mkdir(path.join(folder, "@eaDir/Managed"), { recursive: true })],
  [
    "a README",
    async (folder) => {
      await mkdir(folder);
      await writeFile(path.join(folder, "README"), "not mounted");
    },
  ],
];

/** Removes the bytes from the last used database. */
const forgetArtifacts = async (): Promise<void> => {
  const client = new Redis({ path: redis().socket, db: last });
  const keys = await client.keys("HITAGI:ARTIFACT:*");
  expect(keys).not.toEqual([]);
  await client.del(...keys);
  client.disconnect();
};

const stores: [string, (folder: string) => string][] = [
  ["SQLite", (folder) => `sqlite:${path.join(folder, "data/hitagi.db")}`],
  ["Redis", () => redis().address(++last)],
];

/** What no server starts with. */
const refused: [string, (folder: string) => Promise<unknown>, skip?: boolean][] = [
  ["a dangling link", (folder) => symlink(`${folder}.none`, folder)],
  ["a file", (folder) => writeFile(folder, "not mounted")],
  [
    "a folder that cannot be read",
    async (folder) => {
      await mkdir(folder);
      await chmod(folder, 0);
    },
    // Root reads every folder.
    process.getuid?.() === 0,
  ],
];

describe.skipIf(withoutRedis).each(stores)("a server on %s", (name, storeOf) => {
  test.each(substitutes)("starts with %s in place of its plugins folder", async (_, put) => {
    const { plugins, start, before } = await serveInstalled(storeOf);
    await rename(plugins, `${plugins}.away`);
    await put(plugins);
    const away = await start();
    // The bytes are put back out of the artifacts.
    expect(await away.state()).toEqual(before);
    expect((await away.run("run", "managed")).out).toContain("ran");
    expect((await away.run("run", "sideloaded")).out).toContain("ran");
    await away.server.stop();

    await rm(plugins, { recursive: true });
    await rename(`${plugins}.away`, plugins);
    const back = await start();
    expect(await back.state()).toEqual(before);
    expect((await back.run("verify")).code).toBe(0);
  });

  for (const [what, put, skip = false] of refused) {
    test.skipIf(skip)(`does not start with ${what}, and loses nothing`, async () => {
      const { plugins, start, before } = await serveInstalled(storeOf);
      await rename(plugins, `${plugins}.away`);
      await put(plugins);
      await expect(start()).rejects.toMatchObject({ name: "HitagiError" });
      await rm(plugins, { recursive: true });
      await rename(`${plugins}.away`, plugins);
      expect(await (await start()).state()).toEqual(before);
    });
  }

  test("starts with a file in place of Managed, whose plugins are missing", async () => {
    const { plugins, start, before } = await serveInstalled(storeOf);
    await rename(plugins, `${plugins}.away`);
    await mkdir(plugins);
    await writeFile(path.join(plugins, "Managed"), "not mounted");
    const away = await start();
    const { plugins: found, settings } = await away.state();
    expect(found.map(recorded)).toEqual(before.plugins.map(recorded));
    expect(settings).toEqual(before.settings);
    expect(stateOf(found, "managed")).toBe("missing");
    expect(stateOf(found, "sideloaded")).toBe("ok");
    expect((await away.run("doctor")).out).toMatch(/plugin managed.*missing/s);
    await away.server.stop();
    await rm(plugins, { recursive: true });
    await rename(`${plugins}.away`, plugins);
    expect(await (await start()).state()).toEqual(before);
  });

  test("keeps the records of plugins whose bytes are gone too, and runs them when their files are back", async () => {
    const { data, plugins, start, before, log } = await serveInstalled(storeOf);
    await cp(plugins, `${plugins}.away`, { recursive: true });
    await rm(path.join(plugins, "Managed"), { recursive: true });
    await rm(path.join(plugins, "Sideloaded"), { recursive: true });
    await rename(path.join(data, "artifacts"), path.join(data, "artifacts.away"));
    // On Redis the bytes are in the store.
    if (name === "Redis") await forgetArtifacts();
    const { server, run, state } = await start();
    expect((await run("list")).out.match(/missing/g)).toHaveLength(2);
    expect((await run("info", "managed")).out).toContain("missing");
    expect((await run("doctor")).out).toMatch(/plugin managed.*missing/s);
    expect(log()).toContain("mount it and run `hitagi verify`");
    expect((await run("run", "managed")).code).not.toBe(0);

    // Without a start: the disk is mounted while the server runs.
    await cp(`${plugins}.away`, plugins, { recursive: true });
    await run("verify");
    expect(await state()).toEqual(before);
    expect((await run("run", "managed")).out).toContain("ran");
    await server.stop();

    const back = await start();
    expect(await back.state()).toEqual(before);
    expect(await readdir(path.join(plugins, "Managed/Scripts"))).toHaveLength(1);
    expect((await back.run("uninstall", "sideloaded")).code).toBe(0);
    expect((await back.state()).plugins).not.toEqual(before.plugins);
  });
});
