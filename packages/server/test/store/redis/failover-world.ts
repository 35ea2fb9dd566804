import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Client, Output } from "@hitagi/contract";
import { expect, onTestFinished, vi } from "vitest";
import { pluginText } from "../../http/plugin-sources.ts";
import { jobDone } from "../../support/job-end.ts";
import { type ListeningRedis, runRedisOnPort, runSentinel } from "../../support/redis-process.ts";
import { writeRegistry } from "../../support/registry-fixture.ts";
import type { Program, ServeProcess } from "../../support/serve-process.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { clientOf } from "./world.ts";

/** As docs/redis.md says: a primary without a replica takes no changes. */
const CAREFUL = ["--appendonly", "yes", "--min-replicas-to-write", "1"];

const redis = async (...settings: string[]): Promise<ListeningRedis> => {
  const server = await runRedisOnPort(await tempFolder(), (port) => [
    ...["--port", `${port}`, ...CAREFUL, "--repl-diskless-sync-delay", "0"],
    ...settings,
  ]);
  onTestFinished(() => server.kill());
  return server;
};

/** A primary with two replicas, and a sentinel that replaces a primary after this time. */
const watched = async (downAfterMs: number) => {
  const primary = await redis();
  const of = ["--replicaof", "127.0.0.1", `${primary.port}`];
  const replicas = [await redis(...of), await redis(...of)];
  const admin = clientOf(primary, 0);
  await vi.waitFor(async () => expect(await admin.info("replication")).toContain("min_slaves_good_slaves:2"));
  const folder = await tempFolder();
  const config = path.join(folder, "sentinel.conf");
  const watch = [
    `sentinel monitor main 127.0.0.1 ${primary.port} 1`,
    `sentinel down-after-milliseconds main ${downAfterMs}`,
    "sentinel failover-timeout main 5000",
    "sentinel parallel-syncs main 2",
  ];
  await writeFile(config, `${watch.join("\n")}\n`);
  const sentinel = await runSentinel(folder, config);
  onTestFinished(() => sentinel.kill());
  const asked = clientOf(sentinel, 0);
  await vi.waitFor(async () => expect(await asked.call("SENTINEL", "REPLICAS", "main")).toHaveLength(2));
  return {
    primary,
    admin,
    replicas,
    asked,
    store: `redis+sentinel://127.0.0.1:${sentinel.port}/3?master=main`,
  };
};

type Health = Output<"getHealth">;

interface Failure {
  code?: string;
  status?: number;
}

/** Notes what is acknowledged and what fails of one kind of request. */
const counting = (failures: Failure[], request: (turn: number) => Promise<void>) => {
  let done = 0;
  const ask = (turn: number): Promise<void> =>
    request(turn).then(
      () => void done++,
      (e: Failure) => void failures.push(e),
    );
  return { ask, done: () => done };
};

const script = (namespace: string, version: string) =>
  pluginText(namespace, version, "script", `async run() { return { version: "${version}" }; },`);

const versions = ["1.0.0", "1.1.0"].map((version) => ({ version, source: script("echo", version) }));

/** Installs a plugin from a registry. */
const prepare = async (client: Client): Promise<string> => {
  const folder = await tempFolder();
  await writeRegistry(folder, [{ namespace: "echo", type: "script", versions }]);
  const { id } = await client.createRegistry({ body: { name: "r", provider: "local", path: folder } });
  await client.refreshRegistry({ params: { id } });
  const body = { namespace: "echo", registry: id };
  await jobDone(client, (await client.installPlugin({ body })).job);
  return id;
};

/** Calls, installs and uploads of plugins, on both servers in turns until it is stopped; what of it was acknowledged. */
const load = (servers: [ServeProcess, ServeProcess], registry: string) => {
  const clientFor = (turn: number): Client => servers[turn % 2 === 0 ? 0 : 1].client;
  const [sideloaded, jobs]: [string[], number[]] = [[], []];
  const failures: Failure[] = [];
  const calls = counting(failures, async (turn) => {
    await clientFor(turn).usePlugin({ query: { plugin: "echo" } });
  });
  const uploads = counting(failures, async (turn) => {
    const namespace = `own-${turn}`;
    const file = new Blob([script(namespace, "1.0.0")]);
    await clientFor(turn).sideloadPlugin({ file, filename: `${namespace}.ts`, body: {} });
    sideloaded.push(namespace);
  });
  const installs = counting(failures, async (turn) => {
    const { version } = versions[turn % 2] ?? {};
    const body = { namespace: "echo", registry, force: true, ...(version && { version }) };
    jobs.push((await clientFor(turn).installPlugin({ body })).job);
  });
  let stopping = false;
  const run = async (): Promise<void> => {
    for (let turn = 0; !stopping; turn++) {
      await Promise.all([calls.ask(turn), calls.ask(turn + 1), uploads.ask(turn), installs.ask(turn)]);
      for (let n = 0; n < 4; n++) await calls.ask(n);
    }
  };
  const running = run();
  const stop = async (): Promise<void> => {
    stopping = true;
    await running;
  };
  onTestFinished(stop);
  return { sideloaded, jobs, calls, uploads, failures, stop };
};

/** Each job has ended. One of two concurrent installs of a plugin may have been refused. */
const allEnded = async (client: Client, jobs: readonly number[]): Promise<void> => {
  for (const job of jobs) {
    await vi.waitFor(
      async () => {
        const { state } = await client.getJob({ params: { job } });
        expect(["finished", "failed"]).toContain(state);
      },
      { interval: 20 },
    );
  }
};

const isPromoted = async (replicas: ListeningRedis[]): Promise<boolean> => {
  const said = await Promise.all(replicas.map((replica) => clientOf(replica, 0).info("replication")));
  return said.some((text) => text.includes("role:master"));
};

/** Polls a server's health until a condition holds. */
const healthUntil = async ({ address }: ServeProcess, isSo: () => Promise<boolean>): Promise<Health[]> => {
  const healths: Health[] = [];
  await vi.waitFor(
    async () => {
      healths.push((await (await fetch(`${address}/healthz`)).json()) as Health);
      expect(await isSo()).toBe(true);
    },
    { interval: 50 },
  );
  return healths;
};

type Watched = Awaited<ReturnType<typeof watched>>;

/**
 * Two servers under load while the primary is replaced: they continue, and no acknowledged change is lost.
 * @returns the failures that callers got meanwhile, and those in `/healthz`
 */
export const goThrough = async (
  program: Program,
  downAfterMs: number,
  replace: (world: Watched) => Promise<unknown>,
  settings: Record<string, string> = {},
) => {
  const world = await watched(downAfterMs);
  const env = { HITAGI_STORE: world.store, HITAGI_LIBRARY: await tempFolder(), ...settings };
  const servers = await Promise.all([program.serve(env), program.serve(env)]);
  const [{ client: first }] = servers;
  const running = load(servers, await prepare(first));
  await vi.waitFor(() => expect(running.sideloaded.length).toBeGreaterThan(3));
  await replace(world);
  const healths = await healthUntil(servers[0], () => isPromoted(world.replicas));
  const before = { calls: running.calls.done(), uploads: running.uploads.done() };
  await vi.waitFor(
    () => {
      expect(running.calls.done()).toBeGreaterThan(before.calls + 20);
      expect(running.uploads.done()).toBeGreaterThan(before.uploads + 3);
    },
    { interval: 50 },
  );
  await running.stop();
  for (const { client, ended } of servers) {
    expect(ended()).toBe(false);
    const listed = await client.listPlugins({ params: { type: "script" } });
    expect(listed.map(({ namespace }) => namespace)).toEqual(expect.arrayContaining(running.sideloaded));
    expect(await client.getHealth({})).toMatchObject({ store: "ok" });
  }
  await allEnded(first, running.jobs);
  const answers = servers.map(({ client }) => client.usePlugin({ query: { plugin: "echo" } }));
  const [a, b] = await Promise.all(answers);
  expect(a?.data).toEqual(b?.data);
  const heard = running.failures;
  expect(heard.filter(({ code }) => !code?.startsWith("STORE_"))).toEqual([]);
  const faults = healths.filter(({ store }) => store !== "ok").map(({ storeFault }) => storeFault?.code);
  expect(faults.filter((code) => !/^STORE_(UNREACHABLE|READ_ONLY)$/.test(code ?? ""))).toEqual([]);
  return { heard, faults };
};
