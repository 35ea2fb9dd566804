import { expect, test } from "vitest";
import { cacheOwner } from "../../src/runtimes/broker/capability-table.ts";
import { openWorld } from "./install-world.ts";
import { offered } from "./plugin-source.ts";

const SOON = Math.floor(Date.now() / 1000) + 3600;

test.each([
  [false, "kept"],
  [true, undefined],
])("with dropSettings %s, what the plugin cached is afterwards %s", async (dropSettings, after) => {
  const world = await openWorld([offered("echo", ["1.0.0"]), offered("other", ["1.0.0"])]);
  for (const namespace of ["echo", "other"]) await world.install(namespace);
  const { cache } = world.store;
  const [own, others] = (["echo", "other"] as const).map((namespace) =>
    cacheOwner({ namespace, source: world.registry }),
  );
  for (const owner of [own, others]) await cache.set(owner ?? "", "page", "kept", SOON);
  await world.installer.uninstall("echo", { dropSettings });
  expect(await cache.get(own ?? "", "page", 0)).toBe(after);
  expect(await cache.get(others ?? "", "page", 0)).toBe("kept");
});
