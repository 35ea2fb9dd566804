import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import { type RunningServer, startServer } from "../../src/app/listen.ts";
import { readConfig } from "../../src/config/config.ts";
import { type Ran, runCaptured } from "../cli/cli-world.ts";
import { pluginText } from "../http/plugin-sources.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";

const run = 'run: () => "ran",';

/** Seven versions each, more than are kept, so that old ones are forgotten while they are upgraded. */
const offered = ["one", "two", "three"].map((namespace) => ({
  namespace,
  type: "script" as const,
  versions: [0, 1, 2, 3, 4, 5, 6].map((n) => {
    const version = `1.${n}.0`;
    return { version, name: namespace, source: pluginText(namespace, version, "script", run) };
  }),
}));

export interface Kept {
  folder: string;
  data: string;
  server: RunningServer;
  /** Runs a command against the server, as on its machine. */
  run(...argv: string[]): Promise<Ran>;
}

/** A server on a data folder, until the test ends. */
export const serve = async (folder: string, data = path.join(folder, "data"), port = "0"): Promise<Kept> => {
  const server = await startServer(
    readConfig({ data, port, warm: "0", log: "silent" }, {}),
    pino({ level: "silent" }),
  );
  onTestFinished(() => server.stop());
  const env = { HITAGI_SERVER: server.address, HITAGI_DATA: data };
  return { folder, data, server, run: (...argv) => runCaptured(argv, { cwd: folder, env }) };
};

/** A server with a registry of three plugins, the first of which is installed, with a setting of the owner's. */
export const serveStocked = async (): Promise<Kept> => {
  const folder = await tempFolder();
  await writeRegistry(path.join(folder, "registry"), offered);
  const kept = await serve(folder);
  await kept.run("registry", "add", path.join(folder, "registry"));
  await kept.run("install", "one", "--version", "1.0.0");
  await kept.run("settings", "filename-parse", "keep_rest=yes");
  return kept;
};

/** Every file below a folder with its hash, but for what a running or stopped server leaves of its own. */
export const filesIn = async (folder: string): Promise<Record<string, string>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((file) => !/(?:^|\/)\.hitagi|\.lock(?:\.pid)?$|-(?:wal|shm)$/.test(file))
    .sort();
  const hashes = files.map(async (file) => {
    const bytes = await readFile(path.join(folder, file));
    return [file, createHash("sha256").update(bytes).digest("hex")] as const;
  });
  return Object.fromEntries(await Promise.all(hashes));
};
