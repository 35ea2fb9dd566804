import path from "node:path";
import { Writable } from "node:stream";
import { createClient, type HeldUpdate } from "@hitagi/contract";
import { pino } from "pino";
import { expect, onTestFinished, test, vi } from "vitest";
import { installPolicy } from "../../src/admission/install-policy.ts";
import { createDocuments } from "../../src/documents/documents.ts";
import { createAutomaticUpdates } from "../../src/updates/automatic-updates.ts";
import { automaticOf, checkWindow, isOpen, updatePolicy } from "../../src/updates/update-policy.ts";
import { KEY, openTestServer } from "../http/test-server.ts";
import { openWorld } from "../install/install-world.ts";
import { offered } from "../install/plugin-source.ts";
import { writeRegistry } from "../support/registry-fixture.ts";

const at = (text: string): number => Date.parse(text) / 1000;

test("the hours are those of the time zone, also over midnight and in summer", () => {
  const berlin = { from: "02:00", to: "05:00", zone: "Europe/Berlin" };
  expect(isOpen(berlin, at("2026-01-10T01:00:00Z"))).toBe(true);
  expect(isOpen(berlin, at("2026-01-10T04:00:00Z"))).toBe(false);
  expect(isOpen(berlin, at("2026-07-10T00:00:00Z"))).toBe(true);
  const night = { from: "23:00", to: "01:00", zone: "UTC" };
  expect(
    ["22:59", "23:00", "00:59", "01:00"].map((time) => isOpen(night, at(`2026-01-10T${time}:00Z`))),
  ).toEqual([...[false, true, true, false]]);
  expect(isOpen(null, 0)).toBe(true);
  expect(() => checkWindow({ ...night, zone: "Mars/Base" })).toThrow("there is no time zone Mars/Base");
});

test("the choice of a plugin counts before that of its registry, and that before the one for all", () => {
  const policy = { all: true, registries: { REG_1: false }, window: null };
  expect(automaticOf({ registry: "REG_2" }, policy)).toEqual({ automatic: true, by: "all" });
  expect(automaticOf({ registry: "REG_1" }, policy)).toEqual({ automatic: false, by: "registry" });
  const own = { registry: "REG_1", updates: { automatic: true } };
  expect(automaticOf(own, policy)).toEqual({ automatic: true, by: "plugin" });
});

test("an update is queued once a day, and never with new rights, of a quarantined plugin, or one that is held", async () => {
  const plugins = ["good", "greedy", "ill", "held", "off"];
  const world = await openWorld(
    plugins.map((name) => {
      const [first, second] = [
        offered(name, ["1.0.0"]),
        offered(name, ["1.1.0"], name === "greedy" ? { permissions: { library: "write" } } : {}),
      ];
      return { ...first, versions: [...first.versions, ...second.versions] };
    }),
  );
  for (const name of plugins) await world.install(name, { version: "1.0.0" });
  const patch = (name: "ill" | "held" | "off", fields: object) => {
    const plugin = world.active.get(name);
    if (plugin) world.active.set(name, { ...plugin, ...fields });
  };
  patch("ill", { health: { state: "quarantined" } });
  patch("held", { updates: { hold: { at: "1.0.0", since: 1 } } });
  patch("off", { updates: { automatic: false } });
  const documents = createDocuments({ store: world.store.documents, ensureFresh: async () => {} });
  const queued = new Map<string, unknown>();
  const lines: { plugin?: string; reason?: string }[] = [];
  const out = new Writable({
    write: (line: Buffer, _encoding, done) => {
      lines.push(JSON.parse(String(line)));
      done();
    },
  });
  const updates = createAutomaticUpdates({
    ...world,
    documents,
    enqueue: {
      upgradePlugins: async (args, options) => {
        queued.set(options?.once ?? "", { ...args, actor: options?.actor?.kind });
        return 1;
      },
    },
    log: pino({ level: "info" }, out),
    now: () => at("2026-01-10T12:00:00Z"),
  });
  expect(await updates.runOnce()).toEqual([]);
  await documents.change(updatePolicy, () => ({ all: true, registries: {}, window: null }));
  expect(await updates.runOnce()).toEqual(["good"]);
  await updates.runOnce();
  expect([...queued.values()]).toEqual([
    {
      ...{ namespaces: ["good"], grant: false, automatic: true, actor: "schedule" },
      shown: [{ namespace: "good", version: "1.1.0", sha256: expect.any(String) }],
    },
  ]);
  expect(lines.map(({ plugin, reason }) => [plugin, reason])).toEqual([["greedy", "PERMISSION_NEEDED"]]);
  const held: HeldUpdate[] = await world.catalog.heldUpdates();
  expect(held.map(({ namespace }) => namespace)).toEqual(["held"]);
  await documents.change(updatePolicy, ({ value }) => ({
    ...value,
    window: { from: "02:00", to: "03:00", zone: "UTC" },
  }));
  expect(await updates.runOnce()).toEqual([]);
});

test("an upgrade that a schedule queued leaves to the owner what an automatic update leaves", async () => {
  const names = ["good", "ill", "gone", "greedy"];
  const first = names.map((name) => offered(name, ["1.0.0"]));
  const world = await openWorld(first, { now: () => 4_000_000_000 });
  for (const name of names) await world.install(name);
  const asking = { permissions: { library: "write" as const } };
  await world.publish(
    names.map((name) => {
      const [before, after] = [
        offered(name, ["1.0.0"]),
        offered(name, ["1.1.0"], name === "greedy" ? asking : {}),
      ];
      return { ...before, versions: [...(name === "gone" ? [] : before.versions), ...after.versions] };
    }),
  );
  await world.catalog.refresh(world.registry);
  await world.documents.change(installPolicy, ({ value }) => ({ ...value, age: { ...value.age, hours: 0 } }));
  const ill = world.active.get("ill");
  if (ill) world.active.set("ill", { ...ill, health: { state: "quarantined", reason: "a test" } });
  const upgraded = await world.installer.upgrade(undefined, false, { isAutomatic: true });
  const code = "UPDATE_NEEDS_OWNER";
  expect(upgraded).toMatchObject([
    { namespace: "gone", error: { code, message: expect.stringContaining("no longer offers") } },
    { namespace: "good", error: null },
    { namespace: "greedy", error: { code: "PERMISSION_NEEDED" } },
    { namespace: "ill", error: { code, message: expect.stringContaining("is quarantined") } },
  ]);
  expect(world.active.list().map(({ manifest }) => manifest.version)).toEqual(
    expect.arrayContaining(["1.0.0", "1.0.0", "1.0.0", "1.1.0"]),
  );
  expect(await world.installer.upgrade(["gone", "ill"], false)).toMatchObject([
    { error: null },
    { error: null },
  ]);
});

test("an automatic update is in the history and in events, as the schedule's, with its versions", async () => {
  const server = await openTestServer();
  onTestFinished(() => server.close());
  const folder = path.join(server.folder, "fixture");
  await writeRegistry(folder, [offered("echo", ["1.0.0", "1.1.0"])]);
  const body = { name: "Fixture", provider: "local", path: folder, refresh: true };
  const { id: registry } = (await server.call("createRegistry", { body })).body;
  const version = { namespace: "echo", registry, version: "1.0.0" };
  await server.ended((await server.call("installPlugin", { body: version })).body.job);
  const address = await server.http.listen({ port: 0, host: "127.0.0.1" });
  const stopping = new AbortController();
  const { signal } = stopping;
  const stream = await createClient(address, KEY).streamEvents({ query: { kind: "plugin" }, signal });
  const events: unknown[] = [];
  const reading = (async () => {
    for await (const message of stream) events.push(message);
  })().catch(() => {});
  const { enqueue } = server.services;
  const job = await enqueue.upgradePlugins(
    { namespaces: ["echo"], grant: false, automatic: true, shown: undefined },
    { actor: { kind: "schedule", key: null } },
  );
  await server.ended(job);
  const { items } = (await server.call("listHistory", { query: { plugin: "echo", actor: "schedule" } })).body;
  expect(items).toMatchObject([
    {
      ...{ action: "upgrade_plugins", actor: { kind: "schedule", key: null }, outcome: "ok", job },
      details: { plugins: [{ namespace: "echo", from: "1.0.0", to: "1.1.0" }] },
    },
  ]);
  const updated = expect.objectContaining({ kind: "plugin", namespace: "echo", version: "1.1.0" });
  await vi.waitFor(() => expect(events).toContainEqual(updated));
  stopping.abort();
  await reading;
});
