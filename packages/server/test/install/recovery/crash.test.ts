import { spawn } from "node:child_process";
import { cp, readFile } from "node:fs/promises";
import path from "node:path";
import pLimit from "p-limit";
import { beforeAll, describe, expect, test } from "vitest";
import { sha256Of } from "../../../src/disk/sha256.ts";
import type { FaultPoint } from "../../../src/install/deps.ts";
import { bundleScript } from "../../support/script.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { compose, foldersOf } from "../compose.ts";
import { harness, openWorld, sharedRuntime, snapshot, type World } from "../install-world.ts";
import { type Operation, operations, pointsOf, startingPoint } from "../operations.ts";
import { pluginSource } from "../plugin-source.ts";

let child = "";
const RUNS = 20;

beforeAll(async () => {
  child = await bundleScript(path.join(import.meta.dirname, "crash-child.ts"));
});

interface Kill {
  point: FaultPoint | "start";
  micros: number;
}

/** Pseudo-random numbers from 0 to 1 that are the same in every run (mulberry32). */
const seeded = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

/** Every fault point exactly, then moments between them. */
const killsOf = (name: string): Kill[] => {
  const points = pointsOf(name);
  const random = seeded(name.length);
  const between = Array.from({ length: Math.max(0, RUNS - points.length) }, () => ({
    point: points[Math.floor(random() * points.length)] ?? ("kept" as const),
    micros: Math.floor(random() * 2500),
  }));
  return [...points.map((point) => ({ point, micros: 0 })), ...between];
};

/** Runs the child and answers the signal that ended it, or null where it came to its end. */
const runChild = (data: string, registry: string, name: string, { point, micros }: Kill) =>
  new Promise<NodeJS.Signals | null>((resolve, reject) => {
    const args = [child, harness, data, registry, name, point, String(micros)];
    const running = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    running.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    running.on("error", reject);
    running.on("close", (code, signal) =>
      code === null || code === 0 ? resolve(signal) : reject(new Error(`the child failed: ${said}`)),
    );
  });

/** The data folder of a world that has come as far as the operation needs, closed. */
const prepared = async (operation: Operation): Promise<World> => {
  const world = await openWorld(startingPoint);
  await operation.prepare?.(world.installer, world.registry);
  return world;
};

/** What stands after the next start: the version that the record, the file and the plugin itself agree on, or none. */
const standingAfterStart = async (data: string): Promise<string | undefined> => {
  const runtime = sharedRuntime();
  const parts = await compose(data, { runtime });
  try {
    await parts.installer.recover();
    const folders = foldersOf(data);
    const state = await snapshot({ ...parts, ...folders });
    expect(state).toMatchObject({ staging: [], journal: [] });
    const record = state.records.echo;
    expect(state.files).toEqual(record ? { [record.path]: record.sha256 } : {});
    if (!record) return undefined;
    const source = await readFile(path.join(folders.plugins, record.path));
    expect(await parts.artifacts.read(record.sha256)).toEqual(source);
    const version = (await parts.store.plugins.get("echo"))?.provenance?.version ?? "";
    expect(sha256Of(Buffer.from(pluginSource({ version })))).toBe(record.sha256);
    const code = {
      namespace: "echo" as const,
      sha256: record.sha256,
      filename: path.basename(record.path),
      source,
    };
    const answer = await runtime.call(code, {
      entry: "run",
      context: { arg: "", settings: {} },
      onHostRequest: () => Promise.reject(new Error("nothing is asked")),
      timeoutMs: 150_000,
    });
    expect(answer).toEqual({ version });
    return version;
  } finally {
    await parts.close();
  }
};

describe.each(Object.entries(operations))("%s killed at any step", (name, operation) => {
  test(`leaves the old or the new version complete, in ${RUNS} runs`, { timeout: 240_000 }, async () => {
    const world = await prepared(operation);
    await world.close();
    const limit = pLimit(2);
    const folder = await tempFolder();
    const kills = killsOf(name);
    const ends = await limit.map(kills, async (kill, index) => {
      const data = path.join(folder, String(index));
      await cp(world.data, data, { recursive: true });
      const signal = await runChild(data, world.registry, name, kill);
      // Recovery itself is killed too, in every fourth run.
      if (index % 4 === 0) {
        await runChild(data, world.registry, "recover", { point: "start", micros: (index * 173) % 3000 });
      }
      return { ...kill, signal, version: await standingAfterStart(data) };
    });
    const committed = pointsOf(name).indexOf("committed");
    for (const [index, end] of ends.entries()) {
      const expected = [operation.from, operation.to];
      expect(expected, JSON.stringify(end)).toContain(end.version);
      if (end.micros > 0) continue;
      expect(end, "killed at the point itself").toMatchObject({ signal: "SIGKILL" });
      expect(end.version, JSON.stringify(end)).toBe(index < committed ? operation.from : operation.to);
    }
  });
});
