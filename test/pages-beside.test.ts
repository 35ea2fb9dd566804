import { spawn } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import { Redis } from "ioredis";
import { describe, expect, onTestFinished, test } from "vitest";
import { writeComic } from "../packages/server/dev/sample-comic.ts";
import { startRemote } from "../packages/server/test/library/lanraragi/open-remote.ts";
import { withoutRedis } from "../packages/server/test/support/redis.ts";
import { runRedisOnPort } from "../packages/server/test/support/redis-process.ts";
import { tempFolder } from "../packages/server/test/support/temp-folder.ts";
import { type CommandBlock, commandBlocks, isPrinted } from "./command-blocks.ts";
import { installCommand } from "./command-folder.ts";
import { readPage } from "./pages.ts";

/** The blocks of a page that are run. */
const blocksOf = (page: string): CommandBlock[] =>
  commandBlocks(readPage(page)).filter(({ notRun }) => notRun === undefined);

const [redisPage, lanraragiPage] = [blocksOf("docs/redis.md"), blocksOf("docs/lanraragi.md")];
const withCommand = (blocks: CommandBlock[], command: string): CommandBlock[] =>
  blocks.filter(({ steps }) => steps.some((step) => step.command.includes(command)));

/** A data folder, and what runs commands as its owner does. */
const openFolder = async () => {
  const folder = await tempFolder();
  const env = await installCommand(folder);
  const start = (command: string) =>
    spawn("bash", ["-euo", "pipefail", "-c", `{ ${command}\n} 2>&1`], {
      ...{ cwd: folder, env, detached: true },
      stdio: ["ignore", "pipe", "inherit"],
    });

  /** Runs shell lines to their end. @returns what they print */
  const run = async (command: string): Promise<string> => {
    const shell = start(command);
    const [printed, code] = await Promise.all([
      text(shell.stdout),
      new Promise<number | null>((resolve) => shell.once("close", resolve)),
    ]);
    expect(code, printed).toBe(0);
    return printed.trim();
  };

  /** Runs shell lines that start a server, until it listens. @returns what ends it */
  const serve = async (command: string): Promise<() => Promise<void>> => {
    const shell = start(command);
    const ended = new Promise<void>((resolve) => shell.once("exit", () => resolve()));
    const end = (): Promise<void> => {
      const hasEnded = shell.exitCode !== null || shell.signalCode !== null;
      if (!hasEnded && shell.pid !== undefined) process.kill(-shell.pid, "SIGTERM");
      return ended;
    };
    onTestFinished(end);
    let printed = "";
    await new Promise<void>((resolve, reject) => {
      shell.stdout.on("data", (chunk) => {
        printed += chunk;
        if (printed.includes("listens on")) resolve();
      });
      shell.once("exit", () => reject(new Error(printed)));
    });
    return end;
  };
  return { folder, run, serve };
};

/** A Redis on a port, and what replaces the port of a page by it. */
const openRedis = async () => {
  const { port, socket, kill } = await runRedisOnPort(await tempFolder());
  onTestFinished(kill);
  return { socket, here: (command: string) => command.replaceAll("127.0.0.1:6379", `127.0.0.1:${port}`) };
};

test("each block of these pages is run by a test here", () => {
  const run = [
    ...withCommand(redisPage, "hitagi serve"),
    ...withCommand(redisPage, "hitagi nodes"),
    ...withCommand(redisPage, "hitagi store copy"),
    ...withCommand(lanraragiPage, "hitagi serve"),
    ...withCommand(lanraragiPage, "hitagi import lanraragi"),
  ];
  expect(run.map(({ line }) => line).sort()).toEqual(
    [...redisPage, ...lanraragiPage].map(({ line }) => line).sort(),
  );
});

describe("docs/lanraragi.md", () => {
  test.each(withCommand(lanraragiPage, "hitagi serve").map((block) => [block.line, block] as const))(
    "the server of line %i has the archives of the other server, which speaks as LANraragi",
    async (_line, block) => {
      const remote = await startRemote();
      const { data } = remote.services.config;
      const { folder, run, serve } = await openFolder();
      await writeComic(path.join(folder, "night-walks.cbz"));
      await run(`HITAGI_DATA=${data} hitagi library add night-walks.cbz`);
      const key = await readFile(path.join(data, "api-key"), "utf8");
      const command = block.text
        .replace("http://127.0.0.1:3000", remote.address)
        .replace("HITAGI_LIBRARY_KEY=…", `HITAGI_LIBRARY_KEY=${key.trim()}`)
        .replace("--port 3010", "--port 0");
      await serve(command);
      expect(await run("hitagi library list")).toContain("night-walks");
    },
  );

  test.skipIf(withoutRedis)("an import shows the plan that the page shows", async () => {
    const [block] = withCommand(lanraragiPage, "hitagi import lanraragi");
    const { command = "", printed = "" } = block?.steps[0] ?? {};
    const redis = await openRedis();
    const client = new Redis({ path: redis.socket, db: 2 });
    onTestFinished(() => client.disconnect());
    const registry = "REG_1700000000";
    const url = "https://github.com/example/comics";
    await client.hset(registry, { name: "Comics", provider: "github", url, ref: "main", created: 1 });
    await client.hset("LRR_CONFIG", { ougi: registry });
    await client.hset("LRR_PLUGIN_COVER-SEARCH", {
      installed_path: "LANraragi/Plugin/Managed/Metadata/CoverSearch.pm",
      ...{ installed_version: "1.2.0", installed_registry: registry, installed_sha256: "0".repeat(64) },
      ...{ type: "metadata", enabled: "1", priority: "5", api_key: "secret", language: "en" },
    });
    await client.hset("LRR_PLUGIN_EHPLUGIN", { enabled: "1" });
    const { run, serve } = await openFolder();
    await serve("hitagi serve --perl");
    const shown = await run(redis.here(command));
    expect(isPrinted(printed, shown), shown).toBe(true);
  });
});

describe.skipIf(withoutRedis)("docs/redis.md", () => {
  const [serveBlock] = withCommand(redisPage, "hitagi serve");
  /** The names of a table's columns. */
  const headOf = (table: string): string[] => (table.split("\n")[0] ?? "").split(/ {2,}/);

  test("two servers on one Redis are the nodes of each other, in the table that the page shows", async () => {
    const [block] = withCommand(redisPage, "hitagi nodes");
    const { command = "", printed = "" } = block?.steps[0] ?? {};
    const { here } = await openRedis();
    const [first, second] = [await openFolder(), await openFolder()];
    const library = `export HITAGI_LIBRARY=${path.join(first.folder, "library")}`;
    for (const { serve } of [first, second]) await serve(`${library}\n${here(serveBlock?.text ?? "")}`);
    for (const { run } of [first, second]) {
      // The name of this machine may be long.
      const shown = await run(`COLUMNS=300 ${command}`);
      expect(headOf(shown)).toEqual(headOf(printed));
      expect(shown.split("\n")).toHaveLength(printed.split("\n").length);
      expect(shown.match(/\(this one\)/g)).toHaveLength(1);
    }
  });

  test("a store is copied to Redis, and what is copied has the names that the page has", async () => {
    const [block] = withCommand(redisPage, "hitagi store copy");
    const { command = "", printed = "" } = block?.steps[0] ?? {};
    const { here } = await openRedis();
    const { folder, run, serve } = await openFolder();
    await mkdir(path.join(folder, "hitagi"));
    const stop = await serve("hitagi serve");
    await stop();
    const shown = await run(here(command).replaceAll("/srv", folder));
    expect(headOf(shown)).toEqual(headOf(printed));
    const namesIn = (table: string) =>
      [...table.matchAll(/^(\S.*?) {2,}\d+ +[0-9a-f]{16}$/gm)].map(([, name]) => name);
    const all = namesIn(shown);
    expect(namesIn(printed)).toEqual(all.filter((name) => namesIn(printed).includes(name)));
    expect(shown.split("\n").at(-1)).toBe(printed.split("\n").at(-1));
  });
});
