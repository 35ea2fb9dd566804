import { access, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { createClient } from "@hitagi/contract";
import { pino } from "pino";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startServer } from "../../src/app/listen.ts";
import { readConfig } from "../../src/config/config.ts";
import { fixturePlugins } from "../http/plugin-sources.ts";
import { libraryOn } from "../support/one-library.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

const newer = [{ namespace: "echo", type: "script" as const, versions: [{ version: "1.2.0", source: "" }] }];

describe.skipIf(withoutRedis)("several servers on one Redis", () => {
  const redis = sharedRedis();
  let db = 0;

  const serve = async () => {
    const data = await tempFolder();
    const store = redis().address(db);
    const library = await libraryOn(store);
    const settings = { data, store, library, port: "0", warm: "0", log: "silent", apiKey: "k" };
    const server = await startServer(readConfig(settings, {}), pino({ level: "silent" }));
    onTestFinished(() => server.stop());
    const client = createClient(server.address, "k");
    const done = async (job: number) => {
      await vi.waitFor(
        async () => {
          const { state } = await client.getJob({ params: { job } });
          expect(["finished", "failed"]).toContain(state);
        },
        { interval: 5 },
      );
      const { result } = await client.getJobDetail({ params: { job } });
      expect(result).toMatchObject({ success: 1 });
    };
    return {
      client,
      server,
      plugins: path.join(data, "plugins"),
      install: async (namespace: string, registry: string, version?: string) => {
        const body = { namespace, registry, ...(version && { version }) };
        await done((await client.installPlugin({ body })).job);
      },
      run: async () => {
        const answer = await client.usePlugin({ query: { plugin: "echo", arg: "x" } });
        return (answer.data as { version: string }).version;
      },
      refusal: () => client.usePlugin({ query: { plugin: "echo", arg: "x" } }).catch((e: unknown) => e),
    };
  };

  const three = async () => {
    db++;
    const nodes = [await serve(), await serve(), await serve()] as const;
    const folder = await tempFolder();
    await writeRegistry(folder, fixturePlugins);
    const [{ client }] = nodes;
    const { id } = await client.createRegistry({ body: { name: "r", provider: "local", path: folder } });
    await client.refreshRegistry({ params: { id } });
    return { nodes, id, folder };
  };

  test("an install, upgrade, rollback or removal on one is active on all when it returns", async () => {
    const { nodes, id } = await three();
    const [a, b, c] = nodes;
    const versions = () => Promise.all(nodes.map(({ run }) => run()));
    await a.install("echo", id, "1.0.0");
    expect(await versions()).toEqual(["1.0.0", "1.0.0", "1.0.0"]);
    await b.install("echo", id);
    expect(await versions()).toEqual(["1.1.0", "1.1.0", "1.1.0"]);
    await c.client.rollbackPlugin({ params: { namespace: "echo" }, body: {} });
    expect(await versions()).toEqual(["1.0.0", "1.0.0", "1.0.0"]);
    const files = nodes.map(({ plugins }) => path.join(plugins, "Managed/Scripts/echo.ts"));
    expect(await Promise.all(files.map(isThere))).toEqual([true, true, true]);
    await a.client.uninstallPlugin({ params: { namespace: "echo" } });
    for (const { refusal } of nodes) expect(await refusal()).toMatchObject({ code: "PLUGIN_NOT_FOUND" });
    expect(await Promise.all(files.map(isThere))).toEqual([false, false, false]);
  });

  test("settings, flags and grants are the same on all", async () => {
    const { nodes, id } = await three();
    const [a, b, c] = nodes;
    await a.install("tagger", id);
    const params = { namespace: "tagger" };
    await b.client.putSettings({ params, body: { word: "w" } });
    for (const { client } of nodes) {
      const { settings } = await client.getSettings({ params });
      expect(settings.find(({ name }) => name === "word")).toMatchObject({ value: "w" });
    }
    await c.client.configurePlugin({ params, body: { enabled: true } });
    for (const { client } of nodes) {
      const listed = await client.listPlugins({ params: { type: "metadata" } });
      expect(listed.find(({ namespace }) => namespace === "tagger")).toMatchObject({ enabled: true });
    }
    await a.client.grantPermissions({ params, body: { permissions: {} } });
    for (const { client } of nodes) {
      expect((await client.getInstalled({ params })).plugin.granted).toEqual({});
    }
  });

  test("each server lists the others, and that they are current", async () => {
    const { nodes } = await three();
    const [first, second] = nodes;
    const { nodes: known } = await first.client.listNodes({});
    expect(known.map(({ current }) => current)).toEqual([true, true, true]);
    expect(known.filter(({ self }) => self)).toHaveLength(1);
    expect(known.map(({ address }) => address).sort()).toEqual(
      nodes.map(({ server }) => server.address).sort(),
    );
    await second.server.stop();
    expect((await first.client.listNodes({})).nodes).toHaveLength(2);
  });

  test("all servers find what a registry offers after a refresh on one", async () => {
    const { nodes, id, folder } = await three();
    const found = async () => {
      const lists = nodes.map(({ client }) => client.searchAvailable({ query: { q: "echo" } }));
      return (await Promise.all(lists)).map(({ items }) => items.map(({ version }) => version));
    };
    expect(await found()).toEqual([["1.1.0"], ["1.1.0"], ["1.1.0"]]);
    await writeRegistry(folder, newer);
    await nodes[1].client.refreshRegistry({ params: { id } });
    expect(await found()).toEqual([["1.2.0"], ["1.2.0"], ["1.2.0"]]);
  });

  test("a node that cannot activate an upgrade does not run the old version", async () => {
    const { nodes, id } = await three();
    const [a, b, c] = nodes;
    await a.install("echo", id, "1.0.0");
    const folder = path.join(b.plugins, "Managed/Scripts");
    await rm(folder, { recursive: true });
    await writeFile(folder, "in the way");
    await a.install("echo", id);
    expect(await c.run()).toBe("1.1.0");
    expect(await b.refusal()).toMatchObject({ code: "PLUGIN_BROKEN" });
    await rm(folder);
    await a.client.rollbackPlugin({ params: { namespace: "echo" }, body: {} });
    expect(await b.run()).toBe("1.0.0");
  });
});
