import { expect, onTestFinished, test } from "vitest";
import { blockKey, blockListFile } from "../support/block-list.ts";
import { httpServer } from "../support/http-server.ts";
import { serveRegistry } from "../support/served-registry.ts";

/** A server with `echo` 1.0.0 installed, and a block list on a web server that a test controls. */
const withList = async () => {
  const world = await serveRegistry();
  await world.publish("2024-06-01T00:00:00Z", ["1.0.0"]);
  await world.refresh();
  const web = { status: 200, text: blockListFile(3, ["block namespace echo it steals sessions"]) };
  const address = await httpServer((_, response) => response.writeHead(web.status).end(web.text));
  const { server } = world;
  const refresh = async () => (await server.call("refreshBlockLists")).body;
  const add = async (key?: string) =>
    (await server.call("addBlockList", { body: { name: "community", address: `${address}/blocks`, key } }))
      .body;
  const health = async () => {
    const { body } = await server.call("getInstalled", { params: { namespace: "echo" } });
    return body.plugin.health;
  };
  const conflicts = async () => {
    const body = { namespace: "echo", registry: world.registry };
    return (await server.call("previewInstall", { body })).body.plan.conflicts.map(
      (one: { code: string }) => one.code,
    );
  };
  onTestFinished(() => {
    web.status = 404;
  });
  return { ...world, web, refresh, add, health, conflicts };
};

test("what a list blocks is quarantined, and nothing of it is removed", async () => {
  const { server, install, add, health } = await withList();
  await install();
  const { hits } = await add();
  expect(hits).toMatchObject([{ namespace: "echo", list: "community", action: "block", allowed: false }]);
  expect(await health()).toMatchObject({
    ...{ state: "quarantined", cause: "blocked" },
    reason: "the block list community names it: it steals sessions",
  });
  const { body } = await server.call("getInstalled", { params: { namespace: "echo" } });
  expect(body.plugin.trust.state).toBe("blocked");
  expect((await server.call("verifyPlugins")).body.files).toMatchObject([{ namespace: "echo", state: "ok" }]);
  const used = await server.call("usePlugin", { query: { plugin: "echo" } });
  expect(used.body.code).toBe("PLUGIN_QUARANTINED");
});

test("a list that is gone, answers an older edition or is signed by another key stays as it was last seen", async () => {
  const { web, add, refresh, conflicts } = await withList();
  await add();
  const answers: [code: string, status: number, text: string][] = [
    ["SOURCE_FILE_MISSING", 404, ""],
    ["BLOCK_LIST_OLDER", 200, blockListFile(2, [])],
    ["BLOCK_LIST_OLDER", 200, blockListFile(3, [])],
    ["BLOCK_LIST_INVALID", 200, blockListFile(4, [], "thief")],
    ["BLOCK_LIST_INVALID", 200, blockListFile(4, []).replace("sequence 4", "sequence 5")],
    ["BLOCK_LIST_INVALID", 200, "no list"],
  ];
  for (const [code, status, text] of answers) {
    Object.assign(web, { status, text });
    const { lists } = await refresh();
    expect(lists).toMatchObject([{ name: "community", sequence: 3, entries: 1, failure: { code } }]);
    expect(await conflicts()).toEqual(["PLUGIN_BLOCKED"]);
  }
});

test("a list that was never loaded makes installs wait, and no longer once it is loaded", async () => {
  const { web, add, refresh, conflicts } = await withList();
  web.status = 404;
  const { lists } = await add(blockKey());
  expect(lists).toMatchObject([{ loaded: null, failure: { code: "SOURCE_FILE_MISSING" } }]);
  expect(await conflicts()).toEqual(["BLOCK_LIST_NOT_LOADED"]);
  Object.assign(web, { status: 200, text: blockListFile(1, ["warn namespace echo it is slow"]) });
  expect((await refresh()).lists[0].failure).toBeUndefined();
  expect(await conflicts()).toEqual([]);
});

test("a block ends with the entry, with the list, or at the owner's word, and not by enabling the plugin", async () => {
  const { server, web, install, add, refresh, health, conflicts } = await withList();
  await install();
  await add();
  const echo = { params: { namespace: "echo" } };
  await server.call("configurePlugin", { ...echo, body: { enabled: true } });
  expect(await health()).toMatchObject({ cause: "blocked" });
  expect((await server.call("reinstallPlugin", echo)).body.code).toBe("PLUGIN_BLOCKED");

  await server.call("allowBlockedPlugin", echo);
  expect([await health(), await conflicts()]).toEqual([{ state: "ok" }, []]);
  await server.call("disallowBlockedPlugin", echo);
  expect(await health()).toMatchObject({ cause: "blocked" });

  web.text = blockListFile(4, []);
  await refresh();
  expect(await health()).toEqual({ state: "ok" });
  web.text = blockListFile(5, ["block namespace echo again"]);
  await refresh();
  expect(await health()).toMatchObject({ cause: "blocked" });
  await server.call("removeBlockList", { params: { name: "community" } });
  expect([await health(), await conflicts()]).toEqual([{ state: "ok" }, []]);
});
