import path from "node:path";
import type { Client, Lockfile } from "@hitagi/contract";
import { expect, test, vi } from "vitest";
import { fixturePlugins } from "../http/plugin-sources.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { type ServeProcess, sharedProgram } from "../support/serve-process.ts";
import { tempFolder } from "../support/temp-folder.ts";

const program = sharedProgram();

const WAIT = { timeout: 60_000, interval: 5 };

/** Waits until a job has ended, and answers its state. */
const ended = (client: Client, job: number): Promise<string> =>
  vi.waitFor(async () => {
    const { state } = await client.getJob({ params: { job } });
    expect(["finished", "failed"]).toContain(state);
    return state;
  }, WAIT);

const install = async (client: Client, namespace: string, registry: string): Promise<void> => {
  const { job } = await client.installPlugin({ body: { namespace, registry } });
  await ended(client, job);
};

const namesOn = async (client: Client): Promise<string[]> =>
  (await client.listInstalled({})).plugins
    .filter(({ origin }) => origin !== "builtin")
    .map(({ namespace }) => namespace)
    .sort();

/** A data folder without plugins and registries, and the lock file of a set with two plugins. */
const withLock = async (): Promise<{ data: string; lock: Lockfile }> => {
  const data = await tempFolder();
  const folder = path.join(await tempFolder(), "registry");
  await writeRegistry(folder, fixturePlugins);
  const server = await program.serve({ HITAGI_DATA: data });
  const { client } = server;
  const { id } = await client.createRegistry({ body: { name: "r", provider: "local", path: folder } });
  await client.refreshRegistry({ params: { id } });
  for (const namespace of ["echo", "tagger"]) await install(client, namespace, id);
  const { lock } = await client.exportSet({});
  for (const namespace of ["echo", "tagger"])
    await client.uninstallPlugin({ params: { namespace }, query: { dropSettings: true } });
  await client.deleteRegistry({ params: { id } });
  expect(await server.stop()).toBe(0);
  return { data, lock };
};

/** Kills a server once its job says this step, or has ended before that. */
const killAt = async ({ client, kill }: ServeProcess, job: number, step: string): Promise<void> => {
  await vi.waitFor(async () => {
    const { state, notes } = await client.getJob({ params: { job } });
    const isThere = notes?.step?.startsWith(step) || state === "finished" || state === "failed";
    expect(isThere).toBe(true);
  }, WAIT);
  await kill();
};

/** Kills a server amid a sync, and answers what stands after the next start, when the job has ended. */
const standingAfter = async (data: string, lock: Lockfile, step: string) => {
  const server = await program.serve({ HITAGI_DATA: data });
  const { job } = await server.client.syncSet({ body: { lock } });
  await killAt(server, job, step);
  const next = await program.serve({ HITAGI_DATA: data });
  await ended(next.client, job);
  const [names, { registries }] = [await namesOn(next.client), await next.client.listRegistries({})];
  await next.stop();
  return { names, registries: registries.length };
};

test("a sync that is killed with its server is done by the next start whole, or not at all", {
  timeout: 240_000,
}, async () => {
  const { data, lock } = await withLock();
  const { tagger } = lock.plugins;
  if (!tagger) throw new Error("tagger is not in the lock file");
  const failing: Lockfile = {
    ...lock,
    // Granted last, after both plugins are installed.
    plugins: { ...lock.plugins, tagger: { ...tagger, granted: { files: [path.join(data, "none")] } } },
  };
  for (const step of ["plan", "echo:", "tagger:"])
    expect(await standingAfter(data, failing, step), step).toEqual({ names: [], registries: 0 });
  expect(await standingAfter(data, lock, "tagger:")).toEqual({ names: ["echo", "tagger"], registries: 1 });
});
