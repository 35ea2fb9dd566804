import { createClient, type PluginLogMessage } from "@hitagi/contract";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { cbz } from "../library/cbz.ts";
import { archiveForm } from "./calls/archives.ts";
import { pluginText } from "./plugin-sources.ts";
import { bearer, KEY, openTestServer, type TestServer } from "./test-server.ts";

const chatty = pluginText(
  "chatty",
  "1.0.0",
  "metadata",
  `async getTags(ctx) {
    ctx.log.info("looked at " + ctx.archive.title);
    ctx.log.warn("two\\nlines\\u001b[31m");
    await fetch("https://example.org/").catch(() => {});
    if (ctx.arg === "fail") throw new Error("no luck");
    return { tags: ["a:b"] };
  },`,
);

let server: TestServer;
let client: ReturnType<typeof createClient>;
let archive: string;
beforeAll(async () => {
  server = await openTestServer();
  client = createClient(await server.http.listen({ port: 0, host: "127.0.0.1" }), KEY);
  await client.sideloadPlugin({ file: new Blob([chatty]), filename: "chatty.ts", body: {} });
  archive = (await server.call("uploadArchive", { payload: archiveForm("one.cbz", cbz("one")) })).body.id;
});
afterAll(() => server.close());

const params = { namespace: "chatty" };

it("has the lines of a job's call, what it was refused, and why it failed, with the place in the file", async () => {
  const { job } = await client.queuePlugin({ query: { plugin: "chatty", id: archive, arg: "fail" } });
  await server.ended(job);
  const { items, more } = await client.listPluginLog({ params, query: { job } });
  expect(more).toBe(false);
  const about = {
    job,
    archive: { id: archive, title: "one" },
    call: items[0]?.call,
    node: expect.any(String),
  };
  expect(items.map(({ id: _, time: __, text, ...line }) => line)).toEqual([
    { level: "info", ...about },
    { level: "warn", ...about },
    { level: "warn", ...about },
    { level: "error", ...about },
  ]);
  const [looked, two, refused, failed] = items.map(({ text }) => text);
  expect(looked).toBe("looked at one");
  expect(two).toBe("two\nlines [31m");
  expect(refused).toContain("no host is granted");
  expect(failed).toMatch(/^The call failed \(PLUGIN_FAILED\): no luck\n +at .*getTags .*chatty\.ts:\d+:\d+/);
});

it("is streamed from the newest lines on, and continues after a line", async () => {
  await client.usePlugin({ query: { plugin: "chatty", id: archive } });
  const read = async (query: { after?: number; size?: number }) => {
    const stopping = new AbortController();
    onTestFinished(() => stopping.abort());
    const messages: PluginLogMessage[] = [];
    const stream = await client.streamPluginLog({ params, query, signal: stopping.signal });
    void (async () => {
      for await (const message of stream) messages.push(message);
    })().catch(() => {});
    return messages;
  };
  const tail = await read({ size: 2 });
  await vi.waitFor(() => expect(tail).toHaveLength(3));
  expect(tail.map(({ kind }) => kind)).toEqual(["ready", "line", "line"]);
  await client.usePlugin({ query: { plugin: "chatty", id: archive } });
  await vi.waitFor(() => expect(tail).toHaveLength(6));
  const later = await read({ after: tail[3]?.id ?? 0 });
  await vi.waitFor(() => expect(later.slice(1)).toEqual(tail.slice(4)));
});

it("needs a key that may manage, and a plugin that is installed or has a log", async () => {
  const { key } = await client.createKey({ body: { name: "reader", scope: "read" } });
  const refused = await server.http.inject({
    url: "/api/plugins/installed/chatty/log",
    headers: bearer(key),
  });
  expect(refused.statusCode).toBe(403);
  const unknown = client.listPluginLog({ params: { namespace: "nobody" } });
  await expect(unknown).rejects.toMatchObject({ status: 404, code: "PLUGIN_NOT_INSTALLED" });
  const stream = client.streamPluginLog({ params: { namespace: "nobody" } });
  await expect(stream).rejects.toMatchObject({ code: "PLUGIN_NOT_INSTALLED" });
  await client.uninstallPlugin({ params });
  expect((await client.listPluginLog({ params })).items.length).toBeGreaterThan(0);
});
