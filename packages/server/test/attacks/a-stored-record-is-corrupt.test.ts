import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Client } from "@hitagi/contract";
import { expect, test } from "vitest";
import { runCaptured } from "../cli/cli-world.ts";
import { pluginText } from "../http/plugin-sources.ts";
import { cbz } from "../library/cbz.ts";
import { jobDone } from "../support/job-end.ts";
import { largeIndex } from "../support/large-index.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { KEY, onRedis, onSqlite, type StoredWorld, upload } from "../support/stored-records.ts";

const redis = sharedRedis();

/** One more record of each kind than the test corrupts. */
const fill = async (world: StoredWorld): Promise<{ archive: string }> => {
  const { address, client, stop } = await world.serve();
  for (const name of ["good", "victim"]) {
    const file = path.join(world.data, `${name}.ts`);
    await writeFile(
      file,
      pluginText(name, "1.0.0", "script", 'permissions: { library: "read" }, run: () => "ran",'),
    );
    const argv = ["sideload", file, "--server", address];
    const ran = await runCaptured(argv, { env: { HITAGI_API_KEY: KEY } });
    expect(ran.code, ran.err).toBe(0);
    await client.createRegistry({ body: { name, provider: "local", path: world.data } });
    await client.createKey({ body: { name, scope: "read" } });
  }
  await upload(client, "good.cbz", cbz("good"));
  const archive = await upload(client, "victim.cbz", cbz("victim"));
  for (const plugin of ["good", "good"]) {
    const { job } = await client.queuePlugin({ query: { plugin } });
    await jobDone(client, job);
  }
  await stop();
  return { archive };
};

/** The names in each list. */
const lists = async (client: Client) => ({
  archives: (await client.listArchives({})).map(({ title }) => title),
  // The file of the victim is there, and does not run.
  plugins: (await client.listInstalled({})).plugins
    .filter(({ origin, granted }) => origin !== "builtin" && granted.library !== undefined)
    .map(({ namespace }) => namespace),
  registries: (await client.listRegistries({})).registries.map(({ name }) => name),
  keys: (await client.listKeys({})).keys.map(({ name }) => name).filter((name) => name !== "api-key"),
  jobs: (await client.listJobs({ query: {} })).items.length > 0,
  history: (await client.listHistory({ query: {} })).items.length > 0,
});

/** Starts the server twice on bad records. Each hides itself only, is told once, and is found by doctor. */
const expectServed = async (world: StoredWorld, places: readonly string[]): Promise<void> => {
  for (const start of [1, 2]) {
    const server = await world.serve();
    for (const poll of [1, 2, 3]) {
      expect(await lists(server.client), `start ${start}, poll ${poll}`).toEqual({
        ...{ archives: ["good"], plugins: ["good"], registries: ["good"], keys: ["good"] },
        ...{ jobs: true, history: true },
      });
    }
    const use = { plugin: "good" };
    expect(await server.client.usePlugin({ query: use })).toMatchObject({ success: 1 });
    const findings = await world.doctor(server.address);
    for (const place of places) {
      expect(
        findings.filter(({ text }) => text.includes(place)),
        place,
      ).toHaveLength(1);
      expect(
        server.told().filter((line) => line.includes(place)),
        place,
      ).toHaveLength(1);
    }
    expect(findings).toHaveLength(places.length);
    expect(server.told()).toHaveLength(places.length);
    await server.stop();
  }
  expect(await world.doctor()).toHaveLength(places.length);
};

test("in SQLite it hides itself only", async () => {
  const world = await onSqlite();
  const { archive } = await fill(world);
  world.change("UPDATE archives SET file = '/etc/shadow' WHERE id = ?", archive);
  world.change("UPDATE plugins SET settings = '{' WHERE namespace = 'victim'");
  world.change("UPDATE registries SET failure = '{' WHERE name = 'victim'");
  world.change("UPDATE keys SET scope = 'root' WHERE name = 'victim'");
  world.change("UPDATE jobs SET args = '{' WHERE id = (SELECT min(id) FROM jobs)");
  world.change("UPDATE history SET actor_kind = 'x' WHERE id = (SELECT min(id) FROM history)");
  await expectServed(world, ["archives, ", "plugins, ", "registries, ", "keys, ", "jobs, ", "history, "]);
});

/** Fills Redis; answers what the victims are. */
const fillRedis = async () => {
  const world = await onRedis(redis(), 4);
  const { archive } = await fill(world);
  const registries = await world.redis.keys("REG_??????????");
  const named = await Promise.all(
    registries.map(async (id) => [id, await world.redis.hget(id, "name")] as const),
  );
  const registry = named.find(([, name]) => name === "victim")?.[0] ?? "";
  const key = (await world.redis.hget("HITAGI:KEYS:NAMES", "victim")) ?? "";
  return { world, archive, registry, key, job: "HITAGI:JOB:1" };
};

test.skipIf(withoutRedis)("in Redis it hides itself only", async () => {
  const { world, archive, registry, key, job } = await fillRedis();
  await world.redis.hset("HITAGI:ARCHIVES", archive, "{");
  await world.redis.hset("HITAGI:PLUGIN:VICTIM", "granted", "x");
  await world.redis.hset(registry, "provider", "x");
  await world.redis.hset("HITAGI:KEYS", key, "2 null");
  await world.redis.hset(job, "args", "x");
  await world.redis.xadd("HITAGI:HISTORY", "9000-0", "entry", "7");
  const places = [archive, "HITAGI:PLUGIN:VICTIM", registry, key, job, "HITAGI:HISTORY 9000-0"];
  await expectServed(world, places);
});

test.skipIf(withoutRedis)("in Redis it hides itself only where its key holds another type", async () => {
  const { world, archive, registry, key, job } = await fillRedis();
  await world.redis.hset("HITAGI:ARCHIVES", archive, "{");
  await world.redis.hset("HITAGI:KEYS", key, "2 null");
  const lists = ["LRR_PLUGIN_VICTIM", registry, job];
  for (const name of lists) {
    await world.redis.del(name);
    await world.redis.rpush(name, "x");
  }
  await expectServed(world, [archive, key, ...lists]);
  for (const name of lists) expect(await world.redis.type(name)).toBe("list");
});

test("a plugin whose record is bad does not run with other permissions or without its quarantine", async () => {
  const world = await onSqlite();
  const first = await world.serve();
  const { plugins } = await first.client.listInstalled({});
  const { namespace } = plugins.find(({ origin }) => origin === "builtin") ?? { namespace: "" };
  await first.stop();
  world.change(
    "UPDATE plugins SET granted = '{', quarantine_reason = 'it failed' WHERE namespace = ?",
    namespace,
  );
  const { client, stop } = await world.serve();
  const names = (await client.listInstalled({})).plugins.map((plugin) => plugin.namespace);
  expect(names).not.toContain(namespace);
  expect(names).toHaveLength(plugins.length - 1);
  await stop();
});

test.skipIf(withoutRedis)("a registry whose seen versions hold another type is refreshed", async () => {
  const world = await onRedis(redis(), 7);
  const { client, stop } = await world.serve();
  const index = { version: 1, generated_at: "2024-01-01T00:00:00Z", plugins: largeIndex(1).plugins };
  await writeFile(path.join(world.data, "registry.json"), JSON.stringify(index));
  const { id } = await client.createRegistry({ body: { name: "r", provider: "local", path: world.data } });
  const key = `HITAGI:SEEN_VERSIONS:${id.replace("REG_", "")}`;
  await world.redis.rpush(key, "x");
  await client.refreshRegistry({ params: { id } });
  expect((await client.getRegistry({ params: { id } })).registry.plugins).toBe(1);
  expect(await world.redis.type(key)).toBe("list");
  await stop();
});
