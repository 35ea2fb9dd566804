import { cp, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
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

const sourceOf = (namespace: string) => pluginText(namespace, "1.0.0", "script", 'run: () => "ran",');

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
    return { server, run: (...argv: string[]) => runCaptured(argv, { cwd: folder, env }) };
  };
  const versions = [{ version: "1.0.0", name: "managed", source: sourceOf("managed") }];
  await writeRegistry(path.join(folder, "registry"), [{ namespace: "managed", type: "script", versions }]);
  await writeFile(path.join(folder, "sideloaded.ts"), sourceOf("sideloaded"));
  const { server, run } = await start();
  await run("registry", "add", path.join(folder, "registry"));
  for (const install of [
    ["install", "managed", "--yes"],
    ["sideload", "sideloaded.ts"],
  ]) {
    const installed = await run(...install);
    expect(installed.code, installed.err).toBe(0);
  }
  const before = (await run("list", "--json")).json;
  await server.stop();
  return { data, plugins, start, before, log: () => lines.join("") };
};

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

const stores: [string, (folder: string) => string][] = [
  ["SQLite", (folder) => `sqlite:${path.join(folder, "data/hitagi.db")}`],
  ["Redis", () => redis().address(++last)],
];

describe.skipIf(withoutRedis).each(stores)("a server on %s", (name, storeOf) => {
  test.each(substitutes)("starts with %s in place of its plugins folder", async (_, put) => {
    const { plugins, start, before } = await serveInstalled(storeOf);
    await rename(plugins, `${plugins}.away`);
    await put(plugins);
    const away = await start();
    // The bytes are put back out of the artifacts.
    expect((await away.run("list", "--json")).json).toEqual(before);
    expect((await away.run("run", "managed")).out).toContain("ran");
    expect((await away.run("run", "sideloaded")).out).toContain("ran");
    await away.server.stop();

    await rm(plugins, { recursive: true });
    await rename(`${plugins}.away`, plugins);
    const back = await start();
    expect((await back.run("list", "--json")).json).toEqual(before);
    expect((await back.run("verify")).code).toBe(0);
  });

  test("keeps the records of plugins whose bytes are gone too", async () => {
    const { data, plugins, start, before, log } = await serveInstalled(storeOf);
    await cp(plugins, `${plugins}.away`, { recursive: true });
    await rm(path.join(plugins, "Managed"), { recursive: true });
    await rm(path.join(plugins, "Sideloaded"), { recursive: true });
    await rename(path.join(data, "artifacts"), path.join(data, "artifacts.away"));
    const { server, run } = await start();
    const states = (await run("list")).out;
    // On Redis the bytes are in the store.
    if (name === "Redis") expect(states).not.toContain("missing");
    else {
      expect(states.match(/missing/g)).toHaveLength(2);
      expect((await run("info", "managed")).out).toContain("State");
      expect((await run("doctor")).out).toMatch(/plugin managed.*missing/s);
      expect(log()).toContain("mount it and start again");
      expect((await run("uninstall", "sideloaded")).code).toBe(0);
    }
    await server.stop();

    await rm(plugins, { recursive: true });
    await rename(`${plugins}.away`, plugins);
    const back = await start();
    const managed = ({ namespace }: { namespace: string }) => namespace === "managed";
    expect((await back.run("list", "--json")).json.find(managed)).toEqual(before.find(managed));
    expect(await readdir(path.join(plugins, "Managed/Scripts"))).toHaveLength(1);
  });
});
