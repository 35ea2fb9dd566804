import { expect, test } from "vitest";
import { serveRegistry } from "../support/served-registry.ts";

const [MAY, JUNE] = ["2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z"];

/** A registry that published 1.0.0 and 1.1.0, and then 1.0.0 with other bytes. */
const attacked = async () => {
  const world = await serveRegistry();
  await world.publish(MAY, ["1.0.0"], ["1.1.0"]);
  await world.refresh();
  return world;
};

test("other bytes of an installed version are refused, with both hashes and the day", async () => {
  const { server, publish, refresh, install, installed } = await attacked();
  await install({ version: "1.0.0" });
  const { sha256 } = await installed();
  await publish(JUNE, ["1.0.0", "other"], ["1.1.0"]);
  expect((await refresh()).status).toBe(200);
  const { code, error } = await install({ version: "1.0.0" });
  expect(code).toBe("VERSION_CHANGED");
  const { body } = await server.call("getAvailable", { params: { namespace: "echo" } });
  const changed = body.offers[0].versions.find((one: { version: string }) => one.version === "1.0.0");
  expect(changed.sha256).not.toBe(sha256);
  expect(error).toContain(`SHA-256 ${sha256} then, ${changed.sha256} now.`);
  expect(error).toContain(new Date().toISOString().slice(0, 10));
  expect((await installed()).sha256).toBe(sha256);
});

test("other bytes of a version that is not installed are refused too, and the preview says so", async () => {
  const { server, registry, publish, refresh, install } = await attacked();
  await publish(JUNE, ["1.0.0"], ["1.1.0", "other"]);
  await refresh();
  expect(await install()).toMatchObject({ code: "VERSION_CHANGED" });
  const { body } = await server.call("previewInstall", { body: { namespace: "echo", registry } });
  expect(body.plan.conflicts).toEqual([
    expect.objectContaining({ code: "VERSION_CHANGED", hint: expect.stringContaining("--accept-changed") }),
  ]);
});

test("a version that was withdrawn in between is remembered", async () => {
  const { publish, refresh, install } = await attacked();
  await publish(JUNE, ["1.0.0"]);
  await refresh();
  await publish(JUNE, ["1.0.0"], ["1.1.0", "other"]);
  await refresh();
  expect(await install()).toMatchObject({ code: "VERSION_CHANGED" });
});

test("a registry that is removed and added again does not change an installed version", async () => {
  const { server, registry, create, publish, refresh, install } = await attacked();
  await install({ version: "1.0.0" });
  await server.call("deleteRegistry", { params: { id: registry } });
  const again = await create();
  await publish(JUNE, ["1.0.0", "other"], ["1.1.0"]);
  await refresh({}, again);
  expect(await install({ version: "1.0.0", force: true }, again)).toMatchObject({ code: "VERSION_CHANGED" });
  expect(await install({ force: true }, again)).toMatchObject({ success: 1 });
});

test("an update is refused where its bytes have changed since they were first seen", async () => {
  const { server, publish, refresh, install } = await attacked();
  await install({ version: "1.0.0" });
  await publish(JUNE, ["1.0.0"], ["1.1.0", "other"]);
  await refresh();
  const { body } = await server.call("upgradePlugins", { body: {} });
  const { result } = await server.ended(body.job);
  expect(JSON.stringify(result)).toContain("VERSION_CHANGED");
});

test("the owner's word accepts the other bytes, also for later installs", async () => {
  const { publish, refresh, install, installed } = await attacked();
  await install({ version: "1.0.0" });
  const { sha256 } = await installed();
  await publish(JUNE, ["1.0.0", "other"]);
  await refresh();
  expect(await install({ version: "1.0.0", acceptChanged: true })).toMatchObject({ success: 1 });
  expect((await installed()).sha256).not.toBe(sha256);
  expect(await install({ version: "1.0.0" })).toMatchObject({ success: 1 });
});
