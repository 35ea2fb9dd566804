import { expect, test } from "vitest";
import { serveRegistry } from "../support/served-registry.ts";

const [OLD, NEW] = ["2019-01-01T00:00:00Z", "2024-06-01T00:00:00Z"];

/** A registry that published 1.5.0 and 2.0.0, and then serves an index of 2019 with 1.5.0 only. */
const attacked = async () => {
  const world = await serveRegistry();
  await world.publish(NEW, ["1.5.0"], ["2.0.0"]);
  await world.refresh();
  await world.install();
  await world.publish(OLD, ["1.5.0"]);
  return world;
};

test("an older index is refused, and the cached one stays", async () => {
  const { server, registry, refresh } = await attacked();
  const { status, body } = await refresh();
  expect([status, body.code]).toEqual([409, "INDEX_OLDER"]);
  expect(body.error).toContain("2019-01-01T00:00:00Z");
  const { body: found } = await server.call("getRegistry", { params: { id: registry } });
  expect(found.registry.failure.code).toBe("INDEX_OLDER");
  const { body: available } = await server.call("getAvailable", { params: { namespace: "echo" } });
  expect(available.offers[0].versions.map((one: { version: string }) => one.version)).toEqual([
    "2.0.0",
    "1.5.0",
  ]);
});

test("a refresh of all registries refuses it too", async () => {
  const { server } = await attacked();
  const { body } = await server.call("refreshRegistries");
  expect(body.registries[0].code).toBe("INDEX_OLDER");
});

test("the owner's word takes the older index, and a plain install does not go below the installed version", async () => {
  const { refresh, install, installed } = await attacked();
  expect((await refresh({ acceptOlder: true })).status).toBe(200);
  const { code, error } = await install();
  expect([code, error]).toEqual(["WOULD_DOWNGRADE", expect.stringContaining("2.0.0 is installed")]);
  expect((await installed()).version).toBe("2.0.0");
  expect(await install({ version: "1.5.0" })).toMatchObject({ success: 1 });
  expect((await installed()).version).toBe("1.5.0");
});

test("a version that is no longer offered is named by the updates call, with what is", async () => {
  const { server, registry, refresh } = await attacked();
  await refresh({ acceptOlder: true });
  const { body } = await server.call("listUpdates");
  expect(body).toMatchObject({
    updates: [],
    withdrawn: [{ namespace: "echo", registry, installed: "2.0.0", offered: "1.5.0" }],
  });
});

test("an index of the same time replaces the cached one", async () => {
  const { publish, refresh } = await attacked();
  await publish(NEW, ["1.5.0"], ["2.0.0"], ["2.1.0"]);
  expect((await refresh()).status).toBe(200);
});
