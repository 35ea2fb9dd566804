import { spawn } from "node:child_process";
import { cp } from "node:fs/promises";
import path from "node:path";
import pLimit from "p-limit";
import { expect, test } from "vitest";
import { bundleScript } from "../../support/script.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { compose, foldersOf } from "../compose.ts";
import { harness, openWorld, sharedRuntime, snapshot } from "../install-world.ts";
import { installSet, setPlugins } from "../operations.ts";

/** The points at which the install is killed; the second time, it works on the second plugin. */
const BEFORE = ["planned", "vetted#2", "kept", "journaled", "journaled#2", "placed", "removed", "placed#2"];
const AFTER = ["committed", "cleared", "pruned#2"];

/** Runs the install in a process that kills itself. */
const runKilled = (child: string, data: string, registry: string, point: string) =>
  new Promise<NodeJS.Signals | null>((resolve, reject) => {
    const args = [child, harness, data, registry, "set", point, "0"];
    const running = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
    running.on("error", reject);
    running.on("close", (_code, signal) => resolve(signal));
  });

/** The recorded version of each plugin after the next start, where record, file and bytes agree. */
const standingAfterStart = async (data: string): Promise<Record<string, string | undefined>> => {
  const parts = await compose(data, { runtime: sharedRuntime() });
  try {
    await parts.installer.recover();
    const state = await snapshot({ ...parts, ...foldersOf(data) });
    expect(state).toMatchObject({ staging: [], journal: [] });
    const records = Object.values(state.records);
    expect(state.files).toEqual(Object.fromEntries(records.map((one) => [one.path, one.sha256])));
    for (const { sha256 } of records) expect(await parts.artifacts.read(sha256)).toBeInstanceOf(Buffer);
    const stored = await parts.store.plugins.list();
    return Object.fromEntries(stored.map((one) => [one.namespace, one.provenance?.version]));
  } finally {
    await parts.close();
  }
};

test("an install of several plugins that is killed changes all of them, or none", {
  timeout: 240_000,
}, async () => {
  const child = await bundleScript(path.join(import.meta.dirname, "crash-child.ts"));
  const world = await openWorld(setPlugins);
  await installSet.prepare?.(world.installer, world.registry);
  await world.close();
  const folder = await tempFolder();
  const ends = await pLimit(2).map([...BEFORE, ...AFTER], async (point) => {
    const data = path.join(folder, point.replace("#", "-"));
    await cp(world.data, data, { recursive: true });
    const signal = await runKilled(child, data, world.registry, point);
    return { point, signal, versions: await standingAfterStart(data) };
  });
  const [old, whole] = [{ tags: "1.0.0" }, { app: "1.0.0", tags: "2.0.0" }];
  expect(ends).toEqual([
    ...BEFORE.map((point) => ({ point, signal: "SIGKILL", versions: old })),
    ...AFTER.map((point) => ({ point, signal: "SIGKILL", versions: whole })),
  ]);
});
