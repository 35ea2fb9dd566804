import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { openPlugins } from "../open-plugins.ts";

const source = (namespace: string) => `export default {
  namespace: "${namespace}", type: "script", name: "N", version: "1.0.0", author: "a", description: "d",
  async run() { return 1; },
};`;
const sha256Of = (text: string) => createHash("sha256").update(text).digest("hex");

/** An active plugin from a registry or a file, whose record is then removed, as another node would. */
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
  "a plugin that another node removed is not active, even if its file still exists: %s",
  async (path, registry) => {
    const { plugins, active } = await removedElsewhere(path, registry);
    await plugins.reload("p");
    expect(active.get("p")).toBeUndefined();
    expect(plugins.list("all")).toEqual([]);
  },
);

test("a sideloaded file stays active, with the health of its record", async () => {
  const { plugins, active, store, sideload } = await openPlugins();
  await sideload(source("p"));
  await store.plugins.quarantine("p", { reason: "it fell", since: 1 });
  await plugins.reload("p");
  expect(active.get("p")?.health).toEqual({ state: "quarantined", reason: "it fell", since: 1 });
});

test("a version activated during a reload is not replaced by the older record that the reload read", async () => {
  const { store, plugins, active, write } = await openPlugins();
  const path = "Managed/Scripts/p.ts";
  const commit = (version: string, expect: string | undefined, text: string) => {
    const provenance = { path, version, registry: "REG_0000000001", sha256: sha256Of(text) };
    const after = { provenance: { ...provenance, type: "script" as const }, granted: {}, orphan: true };
    return store.plugins.commit({ namespace: "p", expect, after, now: 1 });
  };
  const [old, newer] = [source("p"), `${source("p")}\n`];
  await write(`plugins/${path}`, old);
  await commit("1.0.0", undefined, old);
  const reading = plugins.reload("p");
  await commit("2.0.0", sha256Of(old), newer);
  const manifest = { namespace: "p", type: "script", name: "N", author: "a", description: "d" } as const;
  const code = {
    namespace: "p" as const,
    filename: "p.ts",
    sha256: sha256Of(newer),
    source: Buffer.from(newer),
  };
  active.set("p", {
    ...{ namespace: "p", manifest: { ...manifest, version: "2.0.0" }, code, path },
    ...{ origin: "managed", runtime: "deno", registry: "REG_0000000001", granted: {} },
    ...{ enabled: false, hidden: false, priority: 0, health: { state: "ok" } },
  });
  await reading;
  expect(active.get("p")?.code.sha256).toBe(sha256Of(newer));
});
