import { expect, test, vi } from "vitest";
import { serveRegistry } from "../support/served-registry.ts";

const [MAY, JUNE] = ["2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z"];

/** Resolves in another second than now: versions of one second came together. */
const nextSecond = () => {
  const second = Math.floor(Date.now() / 1000);
  return vi.waitFor(() => expect(Math.floor(Date.now() / 1000)).toBeGreaterThan(second));
};

/** A registry that published 1.0.0, and later other bytes as 1.0.0+x, which a plain install chooses. */
const attacked = async (...later: [version: string, text?: string][]) => {
  const world = await serveRegistry();
  await world.publish(MAY, ["1.0.0"]);
  await world.refresh();
  await nextSecond();
  await world.publish(JUNE, ...later);
  return world;
};

test.each([
  ["beside 1.0.0", [["1.0.0"], ["1.0.0+x", "other"]]],
  ["in place of 1.0.0", [["1.0.0+x", "other"]]],
] as const)("other bytes as 1.0.0+x %s are refused, with both hashes", async (_, later) => {
  const { server, refresh, install } = await attacked(...later.map((one): [string, string?] => [...one]));
  await refresh();
  const { body } = await server.call("getAvailable", { params: { namespace: "echo" } });
  const [offered] = body.offers[0].versions;
  expect(offered.version).toBe("1.0.0+x");
  const { code, error } = await install();
  expect(code).toBe("VERSION_CHANGED");
  expect(error).toContain("echo 1.0.0+x has other bytes than 1.0.0 when it was first seen");
  expect(error).toContain(`, ${offered.sha256} now`);
  expect(await install({ version: "1.0.0+x" })).toMatchObject({ code: "VERSION_CHANGED" });
});

test("the owner's word accepts them, also for later installs, and 1.0.0 stays as it was", async () => {
  const { refresh, install, installed } = await attacked(["1.0.0"], ["1.0.0+x", "other"]);
  await refresh();
  expect(await install({ acceptChanged: true })).toMatchObject({ success: 1 });
  expect((await installed()).version).toBe("1.0.0+x");
  expect(await install()).toMatchObject({ success: 1 });
  expect(await install({ version: "1.0.0" })).toMatchObject({ success: 1 });
});

test("the memory of a registry that is removed and added again begins with the installed version", async () => {
  const { server, registry, create, refresh, install } = await attacked(["1.0.0"], ["1.0.0+x", "other"]);
  await install({ version: "1.0.0" });
  await nextSecond();
  await server.call("deleteRegistry", { params: { id: registry } });
  const again = await create();
  await refresh({}, again);
  expect(await install({ force: true }, again)).toMatchObject({ code: "VERSION_CHANGED" });
  expect(await install({ force: true, version: "1.0.0" }, again)).toMatchObject({ success: 1 });
});

test("the same bytes, a later prerelease, and builds that come together are installed", async () => {
  const { publish, refresh, install } = await attacked(
    ["1.0.0"],
    ["1.0.1-rc.1+a"],
    ["1.0.1-rc.1+b", "other"],
  );
  await refresh();
  expect(await install({ version: "1.0.1-rc.1+b" })).toMatchObject({ success: 1 });
  expect(await install({ version: "1.0.1-rc.1+a" })).toMatchObject({ success: 1 });
  await publish(JUNE, ["1.0.0"], ["1.0.1"]);
  await refresh();
  expect(await install()).toMatchObject({ success: 1 });
});
