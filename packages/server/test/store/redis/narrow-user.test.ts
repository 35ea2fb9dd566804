import { readFile } from "node:fs/promises";
import path from "node:path";
import { createClient, type ServerEvent, type StreamMessage } from "@hitagi/contract";
import { Redis } from "ioredis";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { runCaptured } from "../../cli/cli-world.ts";
import { archiveForm } from "../../http/calls/archives.ts";
import { fixturePlugins, pluginText } from "../../http/plugin-sources.ts";
import { cbz } from "../../library/cbz.ts";
import { jobDone } from "../../support/job-end.ts";
import { withoutRedis } from "../../support/redis.ts";
import { runRedisOnPort } from "../../support/redis-process.ts";
import { writeRegistry } from "../../support/registry-fixture.ts";
import { API_KEY, type ServeProcess, sharedProgram } from "../../support/serve-process.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const page = path.join(import.meta.dirname, "../../../../../docs/redis.md");

/** A Redis on a port, with a password for the default user and a user with the rights that docs/redis.md names. */
const redisWithUser = async () => {
  const password = ["--requirepass", "for all"];
  const server = await runRedisOnPort(await tempFolder(), (port) => ["--port", `${port}`, ...password]);
  onTestFinished(() => server.kill());
  const admin = new Redis({ path: server.socket, password: "for all" });
  onTestFinished(() => admin.disconnect());
  const [, rights = ""] = /at least `(~REG_[^`]+)`/.exec(await readFile(page, "utf8")) ?? [];
  await admin.call("ACL", "SETUSER", "narrow", "on", ">p@ss/word", ...rights.split(" "));
  const at = (db: number) => `redis://narrow:p%40ss%2Fword@127.0.0.1:${server.port}/${db}`;
  /** The commands that Redis refused to the user, from its log. */
  const denied = async (): Promise<string[]> => {
    const log = (await admin.call("ACL", "LOG")) as unknown[];
    return log.map((line) => JSON.stringify(line));
  };
  return { at, denied };
};

/** Follows the events of plugins until the test ends. */
const follow = ({ client }: ServeProcess): (() => ServerEvent[]) => {
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort());
  const heard: StreamMessage[] = [];
  const read = async () => {
    const stream = await client.streamEvents({ query: { kind: "plugin" }, signal: stopping.signal });
    for await (const message of stream) heard.push(message);
  };
  void read().catch(() => {});
  return () => heard.filter((message): message is ServerEvent => "action" in message);
};

const installs = async (one: ServeProcess, other: ServeProcess) => {
  const folder = await tempFolder();
  await writeRegistry(folder, fixturePlugins);
  const { client } = one;
  const { id } = await client.createRegistry({ body: { name: "r", provider: "local", path: folder } });
  await client.refreshRegistry({ params: { id } });
  const install = async (namespace: string, version?: string) =>
    jobDone(
      client,
      (await client.installPlugin({ body: { namespace, registry: id, ...(version && { version }) } })).job,
    );
  const runs = async () => {
    const { data } = await other.client.usePlugin({ query: { plugin: "echo", arg: "x" } });
    return (data as { version: string }).version;
  };
  await install("echo", "1.0.0");
  expect(await runs()).toBe("1.0.0");
  await jobDone(client, (await client.upgradePlugins({ body: {} })).job);
  expect(await runs()).toBe("1.1.0");
  await client.rollbackPlugin({ params: { namespace: "echo" }, body: {} });
  expect(await runs()).toBe("1.0.0");
  await install("tagger");
  const params = { namespace: "tagger" };
  await client.putSettings({ params, body: { word: "w", key: "s3cret" } });
  await client.configurePlugin({ params, body: { enabled: true } });
  await client.grantPermissions({ params, body: { permissions: { library: "read" } } });
  const source = pluginText("own", "1.0.0", "script", "async run() { return {}; },");
  await client.sideloadPlugin({ file: new Blob([source]), filename: "own.ts", body: {} });
  await client.uninstallPlugin({ params: { namespace: "own" } });
  await client.searchAvailable({ query: { q: "echo" } });
};

const archivesAndKeys = async (one: ServeProcess, other: ServeProcess) => {
  const headers = { authorization: `Bearer ${Buffer.from(API_KEY).toString("base64")}` };
  const body = archiveForm("a.cbz", cbz("a"));
  const answer = await fetch(`${one.address}/api/archives/upload`, { method: "PUT", headers, body });
  expect(answer.status).toBe(200);
  const { job } = await other.client.startBatch({ body: { plugin: "tagger", all: true } });
  await jobDone(other.client, job);
  const archives = await one.client.listArchives({});
  expect(archives).toMatchObject([{ tags: expect.stringContaining("tagged:w") }]);
  const { key } = await one.client.createKey({ body: { name: "k", scope: "read" } });
  await createClient(other.address, key).listRegistries({});
  await other.client.revokeKey({ params: { name: "k" } });
  await expect(createClient(one.address, key).listRegistries({})).rejects.toMatchObject({ status: 401 });
  expect((await one.client.listNodes({})).nodes).toHaveLength(2);
  expect((await one.client.listHistory({ query: {} })).total).toBeGreaterThan(5);
};

describe.skipIf(withoutRedis)("over TCP, as a user with the rights that docs/redis.md names", () => {
  const program = sharedProgram();

  test("everything works: two servers, installs, batches, events, keys, backup, restore and copies", async () => {
    const { at, denied } = await redisWithUser();
    const library = await tempFolder();
    const [HITAGI_DATA, HITAGI_STORE] = [await tempFolder(), at(5)];
    const env = { HITAGI_STORE, HITAGI_LIBRARY: library, HITAGI_SETTLE: "0" };
    const [one, other] = await Promise.all([program.serve({ ...env, HITAGI_DATA }), program.serve(env)]);
    const events = follow(other);
    await installs(one, other);
    await archivesAndKeys(one, other);
    await vi.waitFor(() => expect(events().map(({ action }) => action)).toContain("removed"));
    const backup = path.join(await tempFolder(), "b.tar.gz");
    const asked = { HITAGI_DATA, HITAGI_SERVER: one.address, HITAGI_API_KEY: API_KEY };
    const done = async (argv: string[], given: Record<string, string>) => {
      const { code, out, err } = await runCaptured(argv, { env: given });
      expect(code, out + err).toBe(0);
      expect(out + err).not.toContain("ss/word");
    };
    await done(["backup", backup], asked);
    for (const server of [one, other]) {
      expect(await server.client.getHealth({})).toMatchObject({ store: "ok" });
      expect(await server.stop()).toBe(0);
    }
    const places = { HITAGI_DATA, HITAGI_STORE, HITAGI_LIBRARY: library, NEXT: at(6) };
    await done(["restore", backup, "--force", "--yes"], places);
    const file = `sqlite:${path.join(await tempFolder(), "hitagi.db")}`;
    await done(["store", "copy", "env:HITAGI_STORE", file, "--data", HITAGI_DATA], places);
    await done(["store", "copy", file, "env:NEXT", "--data", HITAGI_DATA], places);
    const again = await program.serve({ ...env, HITAGI_STORE: at(6), HITAGI_DATA });
    const { version } = await again.client
      .getInstalled({ params: { namespace: "echo" } })
      .then((r) => r.plugin);
    expect(version).toBe("1.0.0");
    await again.stop();
    expect(await denied()).toEqual([]);
  });
});
