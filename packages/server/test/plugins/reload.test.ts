import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { openPlugins } from "./open-plugins.ts";

const source = (namespace: string) => `export default {
  namespace: "${namespace}", type: "script", name: "N", version: "1.0.0", author: "a", description: "d",
  async run() { return 1; },
};`;
const sha256Of = (text: string) => createHash("sha256").update(text).digest("hex");

/** A plugin of a registry or a file, installed and in force; then its record is removed, as by another node. */
const removedElsewhere = async (path: string, registry: string | null) => {
  const world = await openPlugins();
  const { store, plugins, write } = world;
  await write(`plugins/${path}`, source("p"));
  const sha256 = sha256Of(source("p"));
  const provenance = { path, version: "1.0.0", registry, sha256, type: "script" as const };
  const after = { provenance, granted: {}, orphan: true };
  await store.plugins.commit({ namespace: "p", expect: undefined, after, now: 1 });
  await plugins.scan();
  expect(world.active.get("p")?.health.state).toBe("ok");
  await store.plugins.commit({ namespace: "p", expect: sha256, after: undefined, now: 2 });
  return world;
};

test.each([
  ["Managed/Scripts/p.ts", "REG_0000000001"],
  ["Sideloaded/p.ts", null],
])(
  "what was removed elsewhere is not in force, also where its file lies there still: %s",
  async (path, registry) => {
    const { plugins, active } = await removedElsewhere(path, registry);
    await plugins.reload("p");
    expect(active.get("p")).toBeUndefined();
    expect(plugins.list("all")).toEqual([]);
  },
);

test("a file that was put there by hand stays in force, with what its record says", async () => {
  const { plugins, active, store, sideload } = await openPlugins();
  await sideload(source("p"));
  await store.plugins.quarantine("p", { reason: "it fell", since: 1 });
  await plugins.reload("p");
  expect(active.get("p")?.health).toEqual({ state: "quarantined", reason: "it fell", since: 1 });
});
