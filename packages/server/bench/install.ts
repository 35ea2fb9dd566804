import { open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { compare } from "./compare.ts";
import { type BenchOptions, compared, type Row, timeOf } from "./measure.ts";
import { addRegistry, benchRegistry, echo, install } from "./plugins.ts";
import { startRawLoad } from "./raw-echo.ts";
import type { BenchServer } from "./server.ts";

/** Milliseconds after which a process is on standby again. */
export const REWARM_MS = 300;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What an install makes durable, as `strace` counts it: four files that are moved into place with their folders, and two commits. */
const [MOVED, COMMITS] = [4, 2];

const sync = async (file: string, flags: string, text?: string): Promise<void> => {
  const handle = await open(file, flags);
  if (text !== undefined) await handle.write(text);
  await handle.sync();
  await handle.close();
};

const makeDurable = async (folder: string, text: string): Promise<void> => {
  for (let n = 0; n < COMMITS; n++) await sync(path.join(folder, "floor.log"), "a", text);
  for (let n = 0; n < MOVED; n++) {
    const [part, file] = [path.join(folder, `${n}.part`), path.join(folder, `${n}.floor`)];
    await sync(part, "w", text);
    await rename(part, file);
    await sync(folder, "r");
  }
  for (let n = 0; n < MOVED; n++) await rm(path.join(folder, `${n}.floor`));
};

/**
 * Install to finished job, over HTTP, from a local registry; each run installs another version of one plugin. Its floor is a bare load
 * into a process that waits, and the same calls of the disk.
 */
export const benchInstall = async (server: BenchServer, { quick, tries }: BenchOptions): Promise<Row[]> => {
  const registry = await addRegistry(server.client, await benchRegistry(0));
  const versions = Array.from({ length: 60 }, (_, n) => `1.${n}.0`);
  const next = () => install(server.client, registry, "echo", versions.shift());
  for (let n = 0; n < 3; n++) await next();
  const found = await compare(
    quick ? 7 : 15,
    async (round) => {
      const load = await startRawLoad(server.folder);
      await pause(REWARM_MS);
      const source = echo(`0.${round}.0`);
      const floor = await timeOf(async () => {
        await load(source);
        await makeDurable(server.folder, source);
      });
      await pause(REWARM_MS);
      return { floor, value: await timeOf(next) };
    },
    tries,
  );
  return [compared("install", "install to finished, local registry, warm pool", "ms", found)];
};
