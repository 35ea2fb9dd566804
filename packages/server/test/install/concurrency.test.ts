import { toNamespace } from "@hitagi/contract";
import { describe, expect, test, vi } from "vitest";
import { gate } from "../support/gate.ts";
import { callActive, openWorld, sharedRuntime, snapshot, type World } from "./install-world.ts";
import { offered, pluginSource } from "./plugin-source.ts";

describe("two operations", () => {
  test("on one plugin: one succeeds, the others fail with PLUGIN_BUSY without waiting", async () => {
    const world = await openWorld([offered("echo", ["1.0.0", "2.0.0"])]);
    const results = await Promise.allSettled([
      world.install("echo", { version: "1.0.0" }),
      world.install("ECHO", { version: "2.0.0" }),
      world.installer.uninstall(toNamespace("Echo")),
      world.installer.rollback("echo"),
    ]);
    const [won, ...lost] = results;
    expect(won).toMatchObject({ status: "fulfilled", value: { version: "1.0.0" } });
    expect(lost.map((r) => r.status === "rejected" && r.reason.code)).toEqual(Array(3).fill("PLUGIN_BUSY"));
    expect(await world.call("echo")).toEqual({ version: "1.0.0" });
  });

  test("on different plugins run at the same time", async () => {
    const world = await openWorld([offered("a", ["1.0.0"]), offered("b", ["1.0.0"])]);
    const { open, opened } = gate();
    let waiting = 0;
    // Each waits for the other, so running in sequence would never end.
    world.at("vetted", () => {
      if (++waiting === 2) open();
      return opened;
    });
    await Promise.all([world.install("a"), world.install("b")]);
    expect(Object.keys((await snapshot(world)).records)).toEqual(["a", "b"]);
  });

  test("on twelve plugins at the same time all succeed", async () => {
    const names = Array.from({ length: 12 }, (_, i) => `plugin-${i}`);
    const world = await openWorld(names.map((name) => offered(name, ["1.0.0"])));
    await Promise.all(names.map((name) => world.install(name)));
    const verified = await world.installer.verify();
    expect(verified.map((v) => v.state)).toEqual(names.map(() => "ok"));
  });
});

test("a plugin that blocks while it loads is never active, and other calls go on", async () => {
  const blocking = { version: "1.0.0", source: pluginSource({ namespace: "bad", atLoad: "for (;;) {}" }) };
  const world = await openWorld([
    offered("echo", ["1.0.0"]),
    { namespace: "bad", type: "script", versions: [blocking] },
  ]);
  await world.install("echo");
  const before = await snapshot(world);
  const cancel = new AbortController();
  const steps: string[] = [];
  const request = { namespace: "bad" as const, registry: world.registry };
  const installing = world.installer.install(request, {
    signal: cancel.signal,
    onStep: (step) => steps.push(step),
  });
  const ended = expect(installing).rejects.toMatchObject({ name: "HitagiError" });
  await vi.waitFor(() => expect(steps).toContain("vet"));
  for (let i = 0; i < 50; i++) expect(await world.call("echo")).toEqual({ version: "1.0.0" });
  expect(steps.at(-1)).toBe("vet");
  const { files, records, active } = await snapshot(world);
  expect({ files, records, active }).toEqual({
    files: before.files,
    records: before.records,
    active: before.active,
  });
  cancel.abort();
  await ended;
  expect(await snapshot(world)).toEqual(before);
});

/** Calls without a pause until stopped, and records version and start of each call. */
const keepCalling = (world: World, callers: number) => {
  let stopped = false;
  const calls: { began: number; version: unknown }[] = [];
  const caller = async () => {
    while (!stopped) {
      const began = performance.now();
      calls.push({ began, version: await callActive(world, sharedRuntime(), "echo") });
    }
  };
  const running = Promise.all(Array.from({ length: callers }, caller));
  return {
    calls,
    stop: async () => {
      stopped = true;
      await running;
    },
  };
};

test("an upgrade under 200 concurrent calls applies to every later call, and no call fails", async () => {
  const world = await openWorld([offered("echo", ["1.0.0", "2.0.0"])]);
  await world.install("echo", { version: "1.0.0" });
  const load = keepCalling(world, 200);
  await vi.waitFor(() => expect(load.calls.length).toBeGreaterThan(400));
  const listed = new Set<string>();
  const watch = setInterval(() => {
    const plugin = world.active.get("echo");
    listed.add(`${plugin?.manifest.version} ${plugin?.code.sha256}`);
  }, 1);
  await world.install("echo");
  const live = performance.now();
  const reached = load.calls.length;
  await vi.waitFor(() => expect(load.calls.length).toBeGreaterThan(reached + 600));
  clearInterval(watch);
  await load.stop();
  const after = load.calls.filter((call) => call.began >= live);
  expect(after.length).toBeGreaterThan(200);
  expect(new Set(after.map((call) => JSON.stringify(call.version)))).toEqual(
    new Set(['{"version":"2.0.0"}']),
  );
  expect(load.calls.every((call) => call.version)).toBe(true);
  const pairs = ["1.0.0", "2.0.0"].map((v) => `${v} ${world.hashOf("echo", v)}`);
  for (const pair of listed) expect(pairs).toContain(pair);
});

test("running calls end on the version on which they began", async () => {
  const asking = pluginSource({ version: "1.0.0" }).replace(
    "async run() {",
    'async run(ctx) { await ctx.library.get("x");',
  );
  const versions = [
    { version: "1.0.0", source: asking },
    { version: "2.0.0", source: pluginSource({ version: "2.0.0" }) },
  ];
  const world = await openWorld([{ namespace: "echo", type: "script", versions }]);
  await world.install("echo", { version: "1.0.0" });
  const { open, opened } = gate();
  const begun = vi.fn(() => opened);
  const inFlight = Array.from({ length: 20 }, () => callActive(world, sharedRuntime(), "echo", begun));
  await vi.waitFor(() => expect(begun).toHaveBeenCalledTimes(20));
  await world.install("echo");
  expect(await world.call("echo")).toEqual({ version: "2.0.0" });
  open();
  expect(new Set((await Promise.all(inFlight)).map((r) => JSON.stringify(r)))).toEqual(
    new Set(['{"version":"1.0.0"}']),
  );
});
