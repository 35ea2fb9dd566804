import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { killAtExit } from "../test/support/kill-at-exit.ts";
import { compare } from "./compare.ts";
import { startFloor } from "./floor-server.ts";
import { type BenchOptions, compared, type Row, timeOf } from "./measure.ts";
import { memoryOf, startServer } from "./server.ts";

/** A module of the built server that is loaded by itself, by its name without the hash. */
const chunkOf = async (name: string): Promise<string> => {
  const folder = path.join(import.meta.dirname, "chunks");
  const file = (await readdir(folder)).find((one) => new RegExp(`^${name}-\\w+\\.js$`).test(one));
  if (file === undefined) throw new Error(`the built server has no ${name}`);
  return path.join(folder, file);
};

/** The floor of a start: a process that imports the same code and opens a database. */
const startBare = async (folder: string): Promise<void> => {
  const script = path.join(folder, "bare-start.mjs");
  const [listen, log, from] = [await chunkOf("listen"), await chunkOf("log"), import.meta.filename];
  await writeFile(
    script,
    `import { createRequire } from "node:module";
    await Promise.all([import(${JSON.stringify(listen)}), import(${JSON.stringify(log)})]);
    const { DatabaseSync } = createRequire(${JSON.stringify(from)})("@photostructure/sqlite");
    new DatabaseSync(${JSON.stringify(path.join(folder, "bare.db"))}).exec("PRAGMA journal_mode = WAL");
    console.log("ready");
    process.exit();`,
  );
  const child = killAtExit(spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] }));
  await once(child.stdout, "data");
  await once(child, "exit");
};

/** Start to the first answer, on an empty folder and on one that was used. */
const benchStarts = async ({ quick, tries }: BenchOptions): Promise<Row[]> => {
  const first = await startServer();
  await first.stop();
  const started = async (folder?: string): Promise<number> => {
    const server = await startServer(folder);
    await server.stop();
    return server.startMs;
  };
  const against = (folder?: string) =>
    compare(
      quick ? 3 : 9,
      async () => ({
        floor: await timeOf(() => startBare(first.folder)),
        value: await started(folder),
      }),
      tries,
    );
  const empty = compared("start-empty", "start to first answer, empty folder", "ms", await against());
  if (quick) return [empty];
  return [empty, compared("start-used", "the same, used folder", "ms", await against(first.folder))];
};

const benchIdle = async ({ quick }: BenchOptions): Promise<Row> => {
  const idleMs = quick ? 3000 : 10_000;
  const server = await startServer();
  const floor = await startFloor(server.folder, Buffer.from("{}"));
  await new Promise((resolve) => setTimeout(resolve, idleMs));
  const found = await compare(3, async () => ({
    floor: (await memoryOf(floor.pid)).now,
    value: (await memoryOf(server.pid)).now,
  }));
  floor.stop();
  await server.stop();
  return compared("idle", "memory of the idle server", "MB", found);
};

/** The start against the import of the same code, and the idle memory against that of a bare Fastify. */
export const benchStart = async (options: BenchOptions): Promise<Row[]> => [
  ...(await benchStarts(options)),
  await benchIdle(options),
];
