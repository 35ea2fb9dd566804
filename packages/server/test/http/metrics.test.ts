import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { cbz } from "../library/cbz.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { archiveForm } from "./calls/archives.ts";
import { fixturePlugins, pluginText } from "./plugin-sources.ts";
import { bearer, KEY, openTestServer, type TestServer } from "./test-server.ts";

const curious = pluginText(
  "curious",
  "1.0.0",
  "script",
  `async run(ctx) {
    const refused = [];
    for (const call of [() => ctx.library.search("x", 1), () => fetch("http://127.0.0.1:1/x")]) {
      await call().catch((e) => refused.push(String(e.message)));
    }
    ctx.log.info("hello");
    if (ctx.arg === "fail") throw new Error("as asked");
    return { refused };
  },`,
);

let server: TestServer;
let registry: string;
beforeAll(async () => {
  server = await openTestServer();
  const folder = path.join(server.folder, "fixture");
  const added = {
    namespace: "curious",
    type: "script" as const,
    versions: [{ version: "1.0.0", source: curious }],
  };
  await writeRegistry(folder, [...fixturePlugins, added]);
  const body = { name: "Fixture", provider: "local", path: folder };
  registry = (await server.call("createRegistry", { body })).body.id;
  await server.call("refreshRegistry", { params: { id: registry } });
  const { job } = (await server.call("installPlugin", { body: { namespace: "curious", registry } })).body;
  expect((await server.ended(job)).result.success).toBe(1);
});
afterAll(() => server.close());

/** The value of one series in Prometheus' notation; 0 if it is absent. */
const read = async () => {
  const { text } = await server.call("getMetrics");
  const lines = new Map(
    text.split("\n").map((line) => [line.slice(0, line.lastIndexOf(" ")), line] as const),
  );
  return (series: string): number => Number(lines.get(series)?.split(" ").at(-1) ?? 0);
};

describe("/metrics", () => {
  it("is in Prometheus' text format and needs a key that may read", async () => {
    const answer = await server.http.inject({ url: "/metrics", headers: bearer(KEY) });
    expect(answer.headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    for (const line of answer.body
      .trimEnd()
      .split("\n")
      .filter((l) => l !== "" && !l.startsWith("#"))) {
      expect(line).toMatch(/^[a-z_0-9]+(\{([a-z_]+="[^"\n]*",?)+\})? ([0-9.e+-]+|NaN|\+Inf)$/i);
    }
    expect((await server.http.inject({ url: "/metrics" })).statusCode).toBe(401);
  });

  it("counts and times uses of plugins, and counts failures by code", async () => {
    const before = await read();
    for (const arg of ["ok", "fail", "fail"]) {
      await server.call("usePlugin", { query: { plugin: "CURIOUS", arg } });
    }
    const after = await read();
    const count = 'hitagi_plugin_call_seconds_count{plugin="curious"}';
    expect(after(count) - before(count)).toBe(3);
    expect(after('hitagi_plugin_call_seconds_sum{plugin="curious"}')).toBeGreaterThan(0);
    const failures = 'hitagi_plugin_failures_total{plugin="curious",code="PLUGIN_FAILED"}';
    expect(after(failures) - before(failures)).toBe(2);
    const denied = (capability: string) =>
      `hitagi_broker_asks_total{capability="${capability}",outcome="CAPABILITY_DENIED"}`;
    expect(after(denied("library.search")) - before(denied("library.search"))).toBe(3);
    expect(after(denied("fetch")) - before(denied("fetch"))).toBe(3);
    const logged = 'hitagi_broker_asks_total{capability="log",outcome="ok"}';
    expect(after(logged) - before(logged)).toBe(3);
    expect(after('hitagi_pool_processes{runtime="deno"}')).toBeGreaterThanOrEqual(1);
  });

  it("covers jobs, refreshes, the store, responses and the process", async () => {
    const before = await read();
    await server.call("refreshRegistry", { params: { id: registry } });
    const { job } = (await server.call("installPlugin", { body: { namespace: "nobody", registry } })).body;
    await server.ended(job);
    const payload = archiveForm("m.cbz", cbz("metrics"));
    await server.call("uploadArchive", { payload });
    await server.call("getRegistry", { params: { id: "REG_0000000009" } });
    const after = await read();
    const grown = (series: string) => after(series) - before(series);
    expect(
      grown('hitagi_registry_refreshes_total{outcome="unchanged"}') +
        grown('hitagi_registry_refreshes_total{outcome="changed"}'),
    ).toBe(1);
    expect(grown('hitagi_job_seconds_count{task="install_plugin",outcome="PLUGIN_NOT_IN_REGISTRY"}')).toBe(1);
    expect(grown('hitagi_store_seconds_count{store="archives",operation="add"}')).toBe(1);
    expect(grown('hitagi_http_request_seconds_count{operation="get_registry",status="4xx"}')).toBe(1);
    expect(after('hitagi_plugins{health="ok"}')).toBeGreaterThan(1);
    expect(after("process_resident_memory_bytes")).toBeGreaterThan(1e6);
    expect(after("hitagi_event_streams")).toBe(0);
  });

  it("does not time streams: their clients decide when they end", async () => {
    const base = await server.http.listen({ host: "127.0.0.1", port: 0 });
    for (const path of ["/api/events", "/api/log/stream", "/api/plugins/installed/curious/log/stream"]) {
      const answer = await fetch(base + path, { headers: bearer(KEY) });
      expect(answer.status, path).toBe(200);
      await answer.body?.cancel();
    }
    await vi.waitFor(async () => expect((await read())("hitagi_event_streams")).toBe(0));
    const { text } = await server.call("getMetrics");
    expect(text).not.toMatch(/hitagi_http_request_seconds_count\{operation="stream_/);
  });

  it("has no series for names that clients and plugins choose", async () => {
    await server.call("usePlugin", { query: { plugin: "made-up-name" } });
    await server.call("queuePlugin", { query: { plugin: "made-up-name" } });
    await server.http.inject({ url: "/api/made-up-name", headers: bearer(KEY) });
    await server.http.inject({ url: "/api/plugins/made-up-name", headers: bearer(KEY) });
    const { text } = await server.call("getMetrics");
    expect(text).not.toContain("made-up-name");
  });
});

it("two servers of one process count separately", async () => {
  const other = await openTestServer();
  const { text } = await other.call("getMetrics");
  expect(text).not.toContain('plugin="curious"');
  await other.close();
});

it("a failing store is reported and the other metrics are sent", async () => {
  const other = await openTestServer();
  await other.services.store.close();
  const { status, text } = await other.call("getMetrics");
  expect(status).toBe(200);
  expect(text).toContain('hitagi_store_failures_total{code="STORE_FAILED"} 1');
  expect(text).toContain('hitagi_plugins{health="ok"}');
  await other.close();
});
