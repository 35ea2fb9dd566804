import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { seedOf } from "../../../trust/test/fixture.ts";
import { archiveForm } from "../http/calls/archives.ts";
import { openTestServer } from "../http/test-server.ts";
import { offered } from "../install/plugin-source.ts";
import { cbz } from "../library/cbz.ts";
import { pluginSource } from "../plugins/plugin-source.ts";
import { writeDetailed } from "../support/details-registry.ts";
import { httpServer } from "../support/http-server.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { hashOfText } from "../support/signed-registry.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { webReceiver } from "./receivers-at-work.ts";

const daily = { when: "every day 03:00", zone: "UTC" };

const openServer = async () => {
  const server = await openTestServer({ jobs: "1" });
  onTestFinished(() => server.close());
  const addReceiver = (url: string, causes?: string[]) =>
    server.call("createReceiver", { body: { name: "it", kind: "webhook", url, causes } });
  /** A metadata plugin that is scheduled for an archive which is not there fails. */
  const failRun = async () => {
    const work = { kind: "run", plugin: "copytags", archive: "0".repeat(40) };
    const { body } = await server.call("createSchedule", { body: { ...daily, work } });
    const { body: ran } = await server.call("runSchedule", { params: { id: body.schedule.id } });
    return server.ended(ran.job);
  };
  return { ...server, addReceiver, failRun };
};

test("a failed run of a schedule is told to a webhook, and the list shows how that ended", async () => {
  const { url, received } = await webReceiver();
  const server = await openServer();
  await server.addReceiver(url);
  const job = await server.failRun();
  const messages = () => received.map(({ body }) => JSON.parse(body));
  await vi.waitFor(() => expect(received).toHaveLength(1), 5000);
  expect(messages()[0]).toMatchObject({
    cause: "jobs",
    title: "A batch or scheduled run failed",
    items: [expect.stringMatching(new RegExp(`^run_plugin of schedule 1, job ${job.id}: `))],
  });
  await vi.waitFor(async () => {
    const { body } = await server.call("listReceivers");
    expect(body.receivers[0].last).toMatchObject({ outcome: "ok" });
  }, 5000);
});

test("a quarantined plugin is told", async () => {
  const { url, received } = await webReceiver();
  const server = await openServer();
  await server.addReceiver(url);
  const source = pluginSource(
    { namespace: "slow", type: "download", url_regex: "^(?=http)http://site.example/(a+)+$" },
    "return { downloadUrl: ctx.url };",
  );
  const payload = new FormData();
  payload.append("file", new Blob([source]), "slow.ts");
  expect((await server.call("sideloadPlugin", { payload })).status).toBe(200);
  await server.call("downloadUrl", { query: { url: `http://site.example/${"a".repeat(60)}!` } });
  await vi.waitFor(() => expect(received).toHaveLength(1), 10_000);
  expect(JSON.parse(received[0]?.body ?? "")).toMatchObject({
    cause: "quarantine",
    items: ["slow 1.0.0: see hitagi info slow"],
  });
});

const plugins = [offered("echo", ["1.0.0"])];
const sha256 = hashOfText(plugins[0]?.versions[0]?.source ?? "");
const yank = { sha256, reason: "It deletes tags.", at: "2026-02-02T03:04:05Z", dangerous: true };

test.each([
  ["a dangerous yank", plugins, { plugins: { echo: { yanked: { "1.0.0": yank } } } }],
  [
    "a new epoch without its version",
    [offered("other", ["1.0.0"])],
    { epoch: 2, signingSeeds: [seedOf("new")] },
  ],
])("a plugin that %s quarantines is told", async (_, next, said) => {
  const { url, received } = await webReceiver();
  const server = await openServer();
  await server.addReceiver(url, ["quarantine"]);
  const folder = path.join(await tempFolder(), "comics");
  await writeDetailed(folder, plugins, {});
  const local = { name: "comics", provider: "local", path: folder };
  const { body: registry } = await server.call("createRegistry", { body: local });
  const refresh = () => server.call("refreshRegistry", { params: { id: registry.id } });
  await refresh();
  const body = { namespace: "echo", registry: registry.id, version: "1.0.0" };
  await server.ended((await server.call("installPlugin", { body })).body.job);
  await writeDetailed(folder, next, said);
  expect((await refresh()).status).toBe(200);
  await vi.waitFor(() => expect(received).toHaveLength(1), 10_000);
  expect(JSON.parse(received[0]?.body ?? "")).toMatchObject({
    cause: "quarantine",
    items: ["echo 1.0.0: see hitagi info echo"],
  });
});

test("a receiver that never answers holds up neither jobs nor the stop of the server", async () => {
  const url = await httpServer(() => {});
  const server = await openServer();
  await server.addReceiver(url);
  await server.failRun();
  const waiting = () => server.call("listJobs", { query: { state: "active" } });
  await vi.waitFor(async () => {
    expect((await waiting()).body.items).toMatchObject([
      { task: "send_notification", notes: { waits: "yes" } },
    ]);
  }, 5000);
  const { body } = await server.call("createSchedule", { body: { ...daily, work: { kind: "refresh" } } });
  const { body: ran } = await server.call("runSchedule", { params: { id: body.schedule.id } });
  expect(await server.ended(ran.job)).toMatchObject({ state: "finished" });
  expect((await waiting()).body.items).toHaveLength(1);
});

test("a batch in which archives failed, an update that waits, and a damaged file of the library are told", async () => {
  const { url, received } = await webReceiver();
  const server = await openServer();
  const folder = path.join(await tempFolder(), "comics");
  await writeRegistry(folder, [offered("echo", ["1.0.0", "1.1.0"])]);
  const local = { name: "comics", provider: "local", path: folder, refresh: true };
  const { id: registry } = (await server.call("createRegistry", { body: local })).body;
  const install = { namespace: "echo", registry, version: "1.0.0" };
  await server.ended((await server.call("installPlugin", { body: install })).body.job);
  await writeFile(path.join(server.services.config.library, "damaged.cbz"), "no archive");
  const failing = pluginSource({ namespace: "failing", type: "metadata" }, "throw new Error('no page');");
  const payload = new FormData();
  payload.append("file", new Blob([failing]), "failing.ts");
  await server.call("sideloadPlugin", { payload });
  const uploaded = await server.call("uploadArchive", { payload: archiveForm("one.cbz", cbz("one")) });
  // Only now: updates and files are looked for once an hour, if a receiver wants to know of them.
  await server.addReceiver(url, ["jobs", "updates", "library"]);
  const batch = { plugin: "failing", ids: [uploaded.body.id] };
  const { job } = (await server.call("startBatch", { body: batch })).body;
  await server.ended(job);
  await vi.waitFor(() => expect(received).toHaveLength(3), 20_000);
  const items = Object.fromEntries(
    received.map(({ body }) => [JSON.parse(body).cause, JSON.parse(body).items]),
  );
  expect(items).toEqual({
    jobs: [`Batch ${job}: its archive failed; see hitagi batch report ${job} --failed`],
    updates: ["echo 1.1.0 (installed: 1.0.0)"],
    library: [expect.stringMatching(/^damaged\.cbz: /)],
  });
});
