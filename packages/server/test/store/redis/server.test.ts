import { readFile } from "node:fs/promises";
import path from "node:path";
import { createClient } from "@hitagi/contract";
import { pino } from "pino";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startServer } from "../../../src/app/listen.ts";
import { readConfig } from "../../../src/config/config.ts";
import { fixturePlugins, pluginText } from "../../http/plugin-sources.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { runRedis } from "../../support/redis-process.ts";
import { writeRegistry } from "../../support/registry-fixture.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { clientOf } from "./world.ts";

describe.skipIf(withoutRedis)("a server on LANraragi's Redis", () => {
  const redis = sharedRedis();

  const serve = async (data: string) => {
    const settings = { data, store: redis().address(2), port: "0", warm: "0", log: "silent" };
    const server = await startServer(readConfig(settings, {}), pino({ level: "silent" }));
    onTestFinished(() => server.stop());
    return server;
  };

  test("uses LANraragi's key, and has all its data after a restart", async () => {
    const data = await tempFolder();
    const folder = path.join(data, "fixture");
    await writeRegistry(folder, fixturePlugins);
    await clientOf(redis(), 2).hset("LRR_CONFIG", "apikey", "theirs");
    const first = await serve(data);
    expect(first.apiKey).toEqual({ key: "theirs", file: path.join(data, "api-key"), isNew: false });
    expect(await readFile(path.join(data, "api-key"), "utf8")).toBe("theirs");
    const client = createClient(first.address, "theirs");
    const { id } = await client.createRegistry({ body: { name: "r", provider: "local", path: folder } });
    await client.refreshRegistry({ params: { id } });
    const { job } = await client.installPlugin({ body: { namespace: "tagger", registry: id } });
    await vi.waitFor(async () => {
      expect((await client.getJob({ params: { job } })).state).toBe("finished");
    });
    const body = { word: "w" };
    await client.putSettings({ params: { namespace: "tagger" }, body });
    await first.stop();

    const again = createClient((await serve(data)).address, "theirs");
    expect((await again.getHealth({})).status).toBe("ok");
    const plugins = await again.listPlugins({ params: { type: "metadata" } });
    expect(plugins.find((p) => p.namespace === "tagger")).toMatchObject({ registry: id, version: "1.0.0" });
    const { settings } = await again.getSettings({ params: { namespace: "tagger" } });
    expect(settings.find((s) => s.name === "word")).toMatchObject({ value: "w" });
    expect(await clientOf(redis(), 2).hget("LRR_PLUGIN_TAGGER", "word")).toBe("w");
    expect((await again.getJob({ params: { job } })).task).toBe("install_plugin");
  });

  test("a setting that LANraragi wrote as text gets its parameter's type", async () => {
    await clientOf(redis(), 2).hset("LRR_PLUGIN_COPY-ARCHIVE-TAGS", "copy_date_added", "1", "enabled", "1");
    const client = createClient((await serve(await tempFolder())).address, "theirs");
    const { settings } = await client.getSettings({ params: { namespace: "copy-archive-tags" } });
    expect(settings).toMatchObject([{ name: "copy_date_added", value: true, set: true }]);
    const plugins = await client.listPlugins({ params: { type: "metadata" } });
    expect(plugins.find((p) => p.namespace === "copy-archive-tags")).toMatchObject({ enabled: true });
    expect(await clientOf(redis(), 2).hget("LRR_PLUGIN_COPY-ARCHIVE-TAGS", "type")).toBe("metadata");
  });

  test("without Redis it lists and runs plugins for a lease, then refuses, and recovers when Redis is back", async () => {
    const folder = await tempFolder();
    const durable = ["--appendonly", "yes", "--appendfsync", "always"];
    let own = await runRedis(folder, durable);
    const data = await tempFolder();
    const settings = { data, store: own.address(2), port: "0", warm: "0", log: "silent", apiKey: "k" };
    const server = await startServer(readConfig(settings, {}), pino({ level: "silent" }));
    onTestFinished(async () => {
      await server.stop();
      await own.kill();
    });
    const client = createClient(server.address, "k");
    const source = pluginText("echo", "1.0.0", "script", "async run(ctx) { return { arg: ctx.arg }; },");
    await server.services.installer.sideload("echo.ts", Buffer.from(source), true);
    const use = () => client.usePlugin({ query: { plugin: "echo", arg: "x" } });
    expect(await use()).toMatchObject({ success: 1 });
    await own.kill();

    const listed = await client.listPlugins({ params: { type: "script" } });
    expect(listed.map((p) => p.namespace)).toContain("echo");
    expect(await use()).toMatchObject({ success: 1, data: { arg: "x" } });
    const health = await fetch(`${server.address}/healthz`);
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({
      status: "degraded",
      store: "failed",
      storeFault: { code: "STORE_UNREACHABLE", hint: expect.stringContaining("HITAGI_STORE") },
    });
    const refused = await client.listRegistries({}).catch((e: unknown) => e);
    expect(refused).toMatchObject({ status: 503 });

    await vi.waitFor(
      async () => {
        const late = await use().catch((e: unknown) => e);
        expect(late).toMatchObject({ status: 503, code: "STORE_UNREACHABLE" });
      },
      { interval: 100 },
    );
    await expect(client.listPlugins({ params: { type: "script" } })).rejects.toMatchObject({ status: 503 });

    own = await runRedis(folder, durable);
    await vi.waitFor(async () => {
      expect((await fetch(`${server.address}/healthz`)).status).toBe(200);
    });
    expect(await client.listRegistries({})).toMatchObject({ registries: [] });
    expect(await use()).toMatchObject({ success: 1, data: { arg: "x" } });
  });
});
