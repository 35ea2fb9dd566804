import { expect, onTestFinished, test, vi } from "vitest";
import { openTestServer } from "../http/test-server.ts";
import { pluginSource } from "../plugins/plugin-source.ts";
import { httpServer } from "../support/http-server.ts";
import { webReceiver } from "./receivers-at-work.ts";

const daily = { when: "every day 03:00", zone: "UTC" };

const openServer = async () => {
  const server = await openTestServer({ jobs: "1" });
  onTestFinished(() => server.close());
  const addReceiver = (url: string) =>
    server.call("createReceiver", { body: { name: "it", kind: "webhook", url } });
  /** A metadata plugin that is scheduled without an archive fails. */
  const failRun = async () => {
    const work = { kind: "run", plugin: "copytags" };
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
