import { connect } from "node:net";
import path from "node:path";
import { createClient, type ServerEvent, type StreamMessage } from "@hitagi/contract";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { defaultLimits } from "../../src/http/limits.ts";
import { cbz } from "../library/cbz.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { archiveForm } from "./calls/archives.ts";
import { fixturePlugins } from "./plugin-sources.ts";
import { bearer, KEY, openTestServer, type TestServer } from "./test-server.ts";

const limits = { ...defaultLimits, heartbeatMs: 50, streams: 3, streamBytes: 64 * 1024 };

let server: TestServer;
let address: string;
beforeAll(async () => {
  server = await openTestServer({}, limits);
  address = await server.http.listen({ port: 0, host: "127.0.0.1" });
});
afterAll(() => server.close());

interface Reader {
  messages: StreamMessage[];
  /** The events, without the first message. */
  events: () => ServerEvent[];
  ended: Promise<unknown>;
  stop(): void;
}

/** Reads events with the contract's client until the test ends. */
const read = async (
  query: { kind?: string; after?: string } = {},
  key = KEY,
  base = address,
): Promise<Reader> => {
  const stopping = new AbortController();
  const stream = await createClient(base, key).streamEvents({ query, signal: stopping.signal });
  const messages: StreamMessage[] = [];
  const reading = async () => {
    for await (const message of stream) messages.push(message);
  };
  const ended = reading().catch((error: unknown) => error);
  onTestFinished(async () => {
    stopping.abort();
    await ended;
  });
  await vi.waitFor(() => expect(messages.length).toBeGreaterThan(0));
  const events = () => messages.filter((m): m is ServerEvent => "action" in m);
  return { messages, events, ended, stop: () => stopping.abort() };
};

const nameOf = ({ kind, action }: ServerEvent) => `${kind} ${action}`;

describe("the stream of events", () => {
  it("has the changes of registries, plugins, jobs and archives", async () => {
    const { messages, events } = await read();
    expect(messages[0]).toEqual({ kind: "ready", id: expect.any(String) });
    const folder = path.join(server.folder, "fixture");
    await writeRegistry(folder, fixturePlugins);
    const body = { name: "Fixture", provider: "local", path: folder };
    const { id: registry } = (await server.call("createRegistry", { body })).body;
    const params = { id: registry };
    await server.call("refreshRegistry", { params });
    const install = async (namespace: string, version: string) => {
      const { job } = (await server.call("installPlugin", { body: { namespace, registry, version } })).body;
      await server.ended(job);
    };
    await install("echo", "1.0.0");
    await install("echo", "1.1.0");
    await install("echo", "1.0.0");
    const echo = { namespace: "echo" };
    await server.call("rollbackPlugin", { params: echo, body: {} });
    await server.call("uninstallPlugin", { params: echo });
    await install("tagger", "1.0.0");
    const tagger = { namespace: "tagger" };
    await server.call("configurePlugin", { params: tagger, body: { priority: 2 } });
    await server.call("putSettings", { params: tagger, body: { key: "hunter2-secret" } });
    const payload = archiveForm("a.cbz", cbz("events"));
    const { id } = (await server.call("uploadArchive", { payload })).body;
    await server.call("putArchiveMetadata", { params: { id }, query: { title: "New" } });
    await server.call("deleteArchive", { params: { id } });
    await server.call("deleteRegistry", { params });
    await server.call("refreshRegistry", { params });
    await vi.waitFor(() => expect(events().map(nameOf)).toContain("registry removed"));
    const of = (kind: string) => events().filter((e) => e.kind === kind);
    expect(of("registry").map((e) => e.action)).toEqual(["added", "refreshed", "removed"]);
    expect(of("plugin").map(({ id: _, time: __, kind: ___, ...rest }) => rest)).toEqual([
      { action: "installed", namespace: "echo", version: "1.0.0", from: null },
      { action: "upgraded", namespace: "echo", version: "1.1.0", from: "1.0.0" },
      { action: "downgraded", namespace: "echo", version: "1.0.0", from: "1.1.0" },
      { action: "rolled_back", namespace: "echo", version: "1.1.0", from: "1.0.0" },
      { action: "removed", namespace: "echo", version: null, from: "1.1.0" },
      { action: "installed", namespace: "tagger", version: "1.0.0", from: null },
      { action: "configured", namespace: "tagger", version: "1.0.0", from: "1.0.0" },
      { action: "configured", namespace: "tagger", version: "1.0.0", from: "1.0.0" },
    ]);
    expect(of("archive").map((e) => e.action)).toEqual(["added", "changed", "removed"]);
    const first = of("job").filter((e) => e.kind === "job" && e.job === 1);
    expect(first.map((e) => e.action)).toEqual(
      expect.arrayContaining(["queued", "started", "progress", "ended"]),
    );
    expect(first.at(-1)).toMatchObject({ action: "ended", outcome: "ok", task: "install_plugin" });
    expect(JSON.stringify(messages)).not.toContain("hunter2-secret");
  });

  it("tells that a policy or the chain changed, and nothing of a change that was refused", async () => {
    const reader = await read({ kind: "policy" });
    const rules = [{ plugin: null, field: "title", rule: "never" }];
    const { revision } = (await server.call("updateFieldPolicy", { body: { rules } })).body;
    await server.call("updateFieldPolicy", { body: { rules, revision: revision + 7 } });
    await server.call("updateTagRules", { body: { text: "-a" } });
    await server.call("changeUpdatePolicy", { body: { all: false } });
    await server.call("putChain", { body: { steps: [] } });
    await vi.waitFor(() => expect(reader.events()).toHaveLength(4));
    expect(reader.events()).toEqual(
      ["fields", "tags", "updates", "chain"].map((policy) =>
        expect.objectContaining({ kind: "policy", action: "changed", policy, revision: expect.any(Number) }),
      ),
    );
  });

  it("tells that keys, sessions and receivers changed without a name, and which registry is the default", async () => {
    const reader = await read({ kind: "server,registry" });
    await server.call("createKey", { body: { name: "secret-name", scope: "read" } });
    await server.call("revokeKey", { params: { name: "secret-name" } });
    const ntfy = { kind: "ntfy", url: "https://ntfy.example.org/topic" } as const;
    await server.call("createReceiver", { body: { name: "secret-name", ...ntfy } });
    await server.call("createReceiver", { body: { name: "secret-name", ...ntfy } });
    await server.call("createInvite", {});
    const body = { name: "default", provider: "local", path: "/nowhere" } as const;
    const { id } = (await server.call("createRegistry", { body })).body;
    await server.call("setDefaultRegistry", { params: { id } });
    await server.call("clearDefaultRegistry", {});
    await server.call("clearDefaultRegistry", {});
    await server.call("deleteRegistry", { params: { id } });
    await vi.waitFor(() => expect(reader.events()).toHaveLength(8));
    const parts = reader.events().flatMap((event) => (event.kind === "server" ? [event.part] : []));
    expect(parts).toEqual(["keys", "keys", "receivers", "sessions"]);
    const registries = reader.events().filter((event) => event.kind === "registry");
    expect(registries.map(({ action }) => action)).toEqual(["added", "changed", "changed", "removed"]);
    expect(JSON.stringify(reader.events())).not.toContain("secret-name");
    reader.stop();
  });

  it("continues after the last received event when its client reconnects", async () => {
    const reader = await read({ kind: "registry" });
    const add = async (name: string) =>
      (await server.call("createRegistry", { body: { name, provider: "local", path: "/nowhere" } })).body.id;
    const first = await add("one");
    await vi.waitFor(() => expect(reader.events()).toHaveLength(1));
    reader.stop();
    await reader.ended;
    const missed = await add("two");
    const after = reader.events()[0]?.id ?? "";
    const again = await read({ kind: "registry", after });
    const last = await add("three");
    await vi.waitFor(() => expect(again.events()).toHaveLength(2));
    expect(again.messages[0]).toEqual({ kind: "ready", id: after });
    expect(again.events()).toEqual([
      expect.objectContaining({ action: "added", registry: missed, name: "two" }),
      expect.objectContaining({ action: "added", registry: last, name: "three" }),
    ]);
    expect(first).not.toBe(missed);
    for (const id of [first, missed, last]) await server.call("deleteRegistry", { params: { id } });
    await vi.waitFor(() => expect(again.events().slice(2)).toHaveLength(3));
    expect(again.events().at(-1)).toMatchObject({ action: "removed", name: "three" });
  });

  it("sends reset for a position of another run, also by the header", async () => {
    const headers = { ...bearer(KEY), "last-event-id": "0123456789ab-7" };
    const answer = await fetch(`${address}/api/events`, { headers });
    expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(answer.headers.get("x-request-id")).not.toBeNull();
    const reader = answer.body?.getReader();
    let text = "";
    while (!text.includes(": beat")) text += Buffer.from((await reader?.read())?.value ?? []).toString();
    expect(text).toMatch(/^retry: 2000\n\nid: [0-9a-f]+-\d+\nevent: reset\ndata: \{.+\}\n\n/);
    await reader?.cancel();
  });

  it("sends only the requested kinds", async () => {
    const reader = await read({ kind: "job,archive" });
    await server.call("createRegistry", { body: { name: "x", provider: "local", path: "/nowhere" } });
    const { body } = await server.call("queuePlugin", { query: { plugin: "nobody" } });
    await server.ended(body.job);
    await vi.waitFor(() => expect(reader.events().map(nameOf)).toContain("job ended"));
    expect(reader.events().every((e) => e.kind === "job")).toBe(true);
    expect(reader.events().at(-1)).toMatchObject({ outcome: "PLUGIN_NOT_FOUND" });
    const wrong = await fetch(`${address}/api/events?kind=job,cats`, { headers: bearer(KEY) });
    expect(wrong.status).toBe(400);
    expect(await wrong.text()).toContain("/query/kind");
  });

  it("ends when another process revokes its key", async () => {
    const { key } = (await server.call("createKey", { body: { name: "short", scope: "read" } })).body;
    const reader = await read({}, key);
    await server.services.store.keys.delete("short");
    expect(await reader.ended).toBeUndefined();
  });

  it("is refused at the limit of streams until one ends", async () => {
    const readers = [await read(), await read(), await read()];
    await expect(read()).rejects.toMatchObject({ status: 503, code: "TOO_MANY_STREAMS" });
    readers[0]?.stop();
    await vi.waitFor(() => read());
  });
});

it("a stream ends when its key is revoked, and others continue", async () => {
  const own = await openTestServer({}, { ...limits, heartbeatMs: 3_600_000 });
  onTestFinished(() => own.close());
  const base = await own.http.listen({ port: 0, host: "127.0.0.1" });
  const { key } = (await own.call("createKey", { body: { name: "short", scope: "read" } })).body;
  const [reader, other] = [await read({}, key, base), await read({}, KEY, base)];
  await own.call("revokeKey", { params: { name: "short" } });
  expect(await reader.ended).toBeUndefined();
  await own.call("uploadArchive", { payload: archiveForm("a.cbz", cbz("a")) });
  await vi.waitFor(() => expect(other.events().map(nameOf)).toEqual(["server changed", "archive added"]));
});

it("a client that reconnects may receive more than the lag limit", async () => {
  const own = await openTestServer({}, limits);
  onTestFinished(() => own.close());
  const base = await own.http.listen({ port: 0, host: "127.0.0.1" });
  const first = await read({}, KEY, base);
  first.stop();
  await first.ended;
  const event = {
    kind: "archive",
    action: "changed",
    archive: "0".repeat(40),
    title: "t".repeat(1000),
  } as const;
  for (let n = 0; n < 900; n++) own.services.events.publish(event);
  const again = await read({ after: first.messages[0]?.id ?? "" }, KEY, base);
  await vi.waitFor(() => expect(again.events()).toHaveLength(900));
});

it("a client that does not read is disconnected, and others are kept", async () => {
  const own = await openTestServer({}, { ...limits, streams: 64, streamBytes: 256 * 1024 });
  onTestFinished(() => own.close());
  const base = await own.http.listen({ port: 0, host: "127.0.0.1" });
  const deaf = connect(Number(new URL(base).port), "127.0.0.1").pause();
  onTestFinished(() => void deaf.destroy());
  deaf.on("error", () => {});
  const { authorization } = bearer(KEY);
  deaf.write(`GET /api/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n\r\n`);
  const reader = await read({}, KEY, base);
  const connections = () =>
    new Promise<number>((resolve, reject) =>
      own.http.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  await vi.waitFor(async () => expect(await connections()).toBe(2));
  const event = { kind: "archive", archive: "0".repeat(40), title: "t".repeat(8000) } as const;
  await vi.waitFor(
    async () => {
      for (let n = 0; n < 20; n++) own.services.events.publish({ ...event, action: "changed" });
      expect(await connections()).toBe(1);
    },
    { interval: 5 },
  );
  own.services.events.publish({ ...event, action: "removed" });
  await vi.waitFor(() => expect(reader.events().at(-1)?.action).toBe("removed"));
});

it("a graceful stop ends the streams without waiting for their clients", async () => {
  const own = await openTestServer();
  const base = await own.http.listen({ port: 0, host: "127.0.0.1" });
  const stream = await createClient(base, KEY).streamEvents({ query: {} });
  const messages: StreamMessage[] = [];
  const reading = (async () => {
    for await (const message of stream) messages.push(message);
  })();
  await vi.waitFor(() => expect(messages).toHaveLength(1));
  // A server that waits for its clients never closes, because this one stays connected.
  await own.close();
  await reading;
});
