import path from "node:path";
import { api, type HistoryEntry, type OperationId } from "@hitagi/contract";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { cbz } from "../library/cbz.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { archiveForm } from "./calls/archives.ts";
import { fixturePlugins, pluginText } from "./plugin-sources.ts";
import { bearer, KEY, openTestServer, type Sent, type TestServer } from "./test-server.ts";

const SECRET = "hunter2-is-a-secret";

let server: TestServer;
let registry: string;
beforeAll(async () => {
  server = await openTestServer();
  const folder = path.join(server.folder, "fixture");
  await writeRegistry(folder, fixturePlugins);
  const body = { name: "Fixture", provider: "local", path: folder };
  registry = (await server.call("createRegistry", { body })).body.id;
});
afterAll(() => server.close());

const history = async (query: Record<string, unknown> = {}): Promise<HistoryEntry[]> =>
  (await server.call("listHistory", { query })).body.items;
const newest = async (): Promise<HistoryEntry | undefined> => (await history({ size: 1 }))[0];
/** Makes a call, and returns the one history entry that it adds. */
const left = async (id: OperationId, sent: Sent = {}): Promise<HistoryEntry | undefined> => {
  const before = await newest();
  await server.call(id, sent);
  const entries = await history({ after: before?.id ?? 0 });
  expect(entries.length, id).toBeLessThanOrEqual(1);
  return entries[0];
};

describe("the history", () => {
  it("has the actor, action, subject, time, outcome and duration", async () => {
    const params = { id: registry };
    const before = Date.now() / 1000;
    const entry = await left("refreshRegistry", { params });
    const after = Date.now() / 1000;
    expect(entry).toEqual({
      id: expect.any(Number),
      time: expect.any(Number),
      actor: { kind: "api", key: "api-key" },
      action: "refresh_registry",
      subject: { kind: "registry", id: registry },
      outcome: "ok",
      ms: expect.any(Number),
      job: null,
      details: { name: "Fixture" },
    });
    // The time is the start, and the duration is rounded to milliseconds.
    expect(entry?.time).toBeGreaterThanOrEqual(before - 0.01);
    expect(entry?.time).toBeLessThanOrEqual(after);
    const headers = { "user-agent": "hitagi-cli/1.2.3" };
    const failed = await left("refreshRegistry", { params: { id: "REG_0000000001" }, headers });
    expect(failed).toMatchObject({ actor: { kind: "cli", key: "api-key" }, outcome: "REGISTRY_NOT_FOUND" });
  });

  it("names the key, also when its scope is refused", async () => {
    const { key } = (await server.call("createKey", { body: { name: "curious", scope: "read" } })).body;
    const entry = await left("deleteRegistry", { params: { id: registry }, headers: bearer(key) });
    expect(entry).toMatchObject({
      actor: { key: "curious" },
      action: "delete_registry",
      subject: { kind: "registry", id: registry },
      outcome: "SCOPE_NEEDED",
    });
  });

  it("records no reads and no requests without a key", async () => {
    for (const id of ["listRegistries", "listPlugins", "verifyPlugins", "listHistory"] as const) {
      expect(await left(id, { params: { type: "all" } }), id).toBeUndefined();
    }
    const query = { plugin: "copytags", id: "0".repeat(40) };
    expect(await left("usePlugin", { query })).toBeUndefined();
    const before = await newest();
    await server.http.inject({ method: "DELETE", url: `/api/registries/${registry}` });
    await server.http.inject({ method: "DELETE", url: `/api/registries/${registry}`, headers: bearer("x") });
    expect(await newest()).toEqual(before);
  });

  it("has each registry of a refresh of all with its outcome", async () => {
    const body = { name: "Gone", provider: "local", path: path.join(server.folder, "gone") };
    const { id } = (await server.call("createRegistry", { body })).body;
    const before = await newest();
    expect((await server.call("refreshRegistries")).status).toBe(200);
    const entries = await history({ after: before?.id ?? 0 });
    const seen = entries.map(({ actor, action, subject, outcome }) => [
      actor.key,
      action,
      subject?.id,
      outcome,
    ]);
    expect(new Set(seen)).toEqual(
      new Set([
        ["api-key", "refresh_registry", registry, "ok"],
        ["api-key", "refresh_registry", id, "SOURCE_UNREACHABLE"],
      ]),
    );
    await server.call("deleteRegistry", { params: { id } });
  });

  it("has the uses of plugins that may change the library, failed ones too", async () => {
    const text = pluginText(
      "shelver",
      "1.0.0",
      "script",
      `async run(ctx) { if (ctx.arg) throw new Error("no"); return {}; },`,
      `oneshot_arg: "Whether to fail", permissions: { library: "write" },`,
    );
    expect(
      (await server.call("sideloadPlugin", { payload: archiveForm("shelver.ts", Buffer.from(text)) })).status,
    ).toBe(200);
    const subject = { kind: "plugin", id: "shelver" };
    const entry = { actor: { kind: "api", key: "api-key" }, action: "use_plugin", subject, job: null };
    const query = { plugin: "SHELVER" };
    expect(await left("usePlugin", { query })).toMatchObject({ ...entry, outcome: "ok" });
    expect(await left("usePlugin", { query: { ...query, arg: "x" } })).toMatchObject({
      ...entry,
      outcome: "PLUGIN_FAILED",
    });
    await server.call("uninstallPlugin", { params: { namespace: "shelver" } });
  });

  it("names what was removed", async () => {
    const archive = await server.call("uploadArchive", { payload: archiveForm("going.cbz", cbz("going")) });
    const category = await server.call("createCategory", { query: { name: "Gone soon" } });
    const body = { name: "Leaving", provider: "local", path: "/nowhere" };
    const left = await server.call("createRegistry", { body });
    const work = { kind: "refresh" };
    const schedule = await server.call("createSchedule", { body: { when: "every day 03:00", work } });
    await server.call("deleteArchive", { params: { id: archive.body.id } });
    await server.call("deleteCategory", { params: { id: category.body.category_id } });
    await server.call("deleteRegistry", { params: { id: left.body.id } });
    await server.call("deleteSchedule", { params: { id: schedule.body.schedule.id } });
    await vi.waitFor(async () => {
      expect((await history({ size: 4 })).map(({ action, details }) => [action, details?.name])).toEqual([
        ["delete_schedule", "refresh all registries"],
        ["delete_registry", "Leaving"],
        ["delete_category", "Gone soon"],
        [expect.stringMatching(/^delete_/), "going"],
      ]);
    });
  });

  it("has a job once, when it ended, with the actor that queued it", async () => {
    const headers = { "user-agent": "hitagi-cli/1.2.3" };
    const before = await newest();
    const body = { namespace: "TAGGER", registry };
    const { job } = (await server.call("installPlugin", { body, headers })).body;
    await server.ended(job);
    expect(await history({ after: before?.id ?? 0 })).toEqual([
      expect.objectContaining({
        actor: { kind: "cli", key: "api-key" },
        action: "install_plugin",
        subject: { kind: "plugin", id: "tagger" },
        outcome: "ok",
        job,
      }),
    ]);
    const wrong = await server.call("installPlugin", { body: { namespace: "nobody", registry } });
    await server.ended(wrong.body.job);
    expect(await newest()).toMatchObject({ outcome: "PLUGIN_NOT_IN_REGISTRY", job: wrong.body.job });
    expect(await left("installPlugin", { body: { namespace: 1 } })).toMatchObject({
      outcome: "VALIDATION_FAILED",
      job: null,
    });
  });

  it("has the actor of jobs that a request queued", async () => {
    await server.call("configurePlugin", { params: { namespace: "tagger" }, body: { enabled: true } });
    const { key } = (await server.call("createKey", { body: { name: "uploader", scope: "use" } })).body;
    const payload = archiveForm("followed.cbz", cbz("followed"));
    const headers = { ...bearer(key), prefer: "respond-async" };
    const { id, job } = (await server.call("uploadArchive", { payload, headers })).body;
    await server.ended(job);
    const actor = { kind: "api", key: "uploader" };
    const subject = { kind: "archive", id };
    expect(
      (await history({ subject: id })).map(({ action, actor, subject }) => ({ action, actor, subject })),
    ).toEqual([
      { action: "run_enabled_plugins", actor, subject },
      { action: "upload", actor, subject },
    ]);
  });

  it("names settings but not their values", async () => {
    const params = { namespace: "tagger" };
    const put = await left("putSettings", { params, body: { key: SECRET, word: "no" } });
    expect(put?.subject).toEqual({ kind: "setting", id: "tagger: key, word" });
    const failed = await left("putSettings", { params, body: { [SECRET]: 1 } });
    expect(failed).toMatchObject({ subject: { kind: "setting", id: "tagger" }, outcome: "SETTING_UNKNOWN" });
    await server.call("savePluginForm", {
      payload: `tagger.key=${SECRET}`,
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    await server.call("queuePlugin", { query: { plugin: "tagger", arg: SECRET } });
    await server.call("downloadUrl", {
      payload: new URLSearchParams({ url: `https://example.org/${SECRET}.cbz` }).toString(),
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    const made = await server.call("createKey", { body: { name: "planted", scope: "read" } });
    await vi.waitFor(async () => expect((await history({ action: "download_url" })).length).toBe(1));
    const { text } = await server.call("listHistory", { query: { size: 200 } });
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(made.body.key.slice(24));
    expect(text).toContain('"planted"');
  });

  it("is filtered by each field and paged", async () => {
    const failed = await history({ outcome: "failed", kind: "plugin" });
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.every((e) => e.outcome !== "ok" && e.subject?.kind === "plugin")).toBe(true);
    expect((await history({ since: Date.now() / 1000 + 60 })).length).toBe(0);
    const { body } = await server.call("listHistory", { query: { size: 2, page: 2 } });
    expect(body).toMatchObject({ page: 2, size: 2, items: { length: 2 } });
    expect((await server.call("listHistory", { query: { kind: "cat" } })).status).toBe(400);
  });

  it.each([
    ["?format=jsonl", {}],
    ["", { accept: "application/x-ndjson" }],
  ])("is exported completely as JSON lines by %j %j", async (query, headers) => {
    const all = await history({ size: 200 });
    const answer = await server.http.inject({
      url: `${api.listHistory.path}${query}`,
      headers: { ...bearer(KEY), ...headers },
    });
    expect(answer.headers["content-type"]).toBe("application/x-ndjson; charset=utf-8");
    const lines = answer.body
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toEqual(all.toReversed());
  });

  it("is exported in batches from the end of an earlier export", async () => {
    const { store } = server.services;
    for (let n = 0; n < 1201; n++) {
      const actor = { kind: "server", key: null } as const;
      await store.history.add({
        time: n,
        actor,
        action: "many",
        subject: null,
        outcome: "ok",
        ms: n,
        job: null,
      });
    }
    const lines = async (more: string) => {
      const url = `${api.listHistory.path}?format=jsonl&action=many${more}`;
      const { body } = await server.http.inject({ url, headers: bearer(KEY) });
      return body
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as HistoryEntry);
    };
    const all = await lines("");
    expect(all.map((e) => e.ms)).toEqual(Array.from({ length: 1201 }, (_, n) => n));
    expect(await lines(`&after=${all[1000]?.id}`)).toHaveLength(200);
  });
});

it("a history that cannot be written blocks nothing and is logged", async () => {
  const own = await openTestServer();
  const body = { name: "x", provider: "local", path: "/nowhere" };
  expect((await own.call("createRegistry", { body })).status).toBe(200);
  await own.services.store.close();
  await own.services.history.close();
  const entry = { time: 0, actor: { kind: "server", key: null }, action: "x", subject: null } as const;
  own.services.history.record({ ...entry, outcome: "ok", ms: 0, job: null });
  await own.services.history.close();
  await own.close();
});
