import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createClient, type ServerLogMessage } from "@hitagi/contract";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { startServer } from "../../src/app/listen.ts";
import { readConfig } from "../../src/config/config.ts";
import { createLog } from "../../src/log.ts";
import { onFileFinished } from "../support/file-scope.ts";
import { libraryOn } from "../support/one-library.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";

const KEY = "the-key-of-the-log";

let client: ReturnType<typeof createClient>;
let address: string;
const log = createLog("info", { write: () => {} });

beforeAll(async () => {
  const data = await mkdtemp(path.join(tmpdir(), "hitagi-test-"));
  onFileFinished(() => rm(data, { recursive: true, force: true }));
  const settings = { data, port: "0", warm: "0", apiKey: KEY };
  const server = await startServer(readConfig(settings, {}), log);
  onFileFinished(() => server.stop());
  ({ address } = server);
  client = createClient(address, KEY);
});

it("has the newest lines with their level and details, without secrets, for keys with all rights only", async () => {
  log.warn({ apiKey: KEY, plugin: "one" }, "looked at");
  log.error({ err: new Error("no luck") }, "failed");
  log.debug("not logged");
  const { host, items } = await client.listServerLog({ query: { level: "warn", size: 2 } });
  expect(host).not.toBe("");
  expect(items).toMatchObject([
    { level: "warn", text: "looked at", details: { plugin: "one", apiKey: "***" } },
    { level: "error", text: "failed", details: { err: { message: "no luck" } } },
  ]);
  expect((await client.listServerLog({ query: { size: 1 } })).more).toBe(true);
  const { key } = await client.createKey({ body: { name: "user", scope: "use" } });
  const user = createClient(address, key);
  await expect(user.listServerLog({})).rejects.toMatchObject({ code: "SCOPE_NEEDED" });
  await expect(user.streamServerLog({})).rejects.toMatchObject({ code: "SCOPE_NEEDED" });
});

it("is streamed from the newest lines on, and goes on after a line; a position of an earlier run begins anew", async () => {
  const read = async (query: { after?: number; size?: number }) => {
    const stopping = new AbortController();
    onTestFinished(() => stopping.abort());
    const messages: ServerLogMessage[] = [];
    const stream = await client.streamServerLog({
      query: { level: "warn", ...query },
      signal: stopping.signal,
    });
    void (async () => {
      for await (const message of stream) messages.push(message);
    })().catch(() => {});
    return () => messages.flatMap((one) => (one.kind === "line" ? [one] : []));
  };
  log.warn("first");
  const newest = await read({ size: 1 });
  await vi.waitFor(() => expect(newest().map(({ text }) => text)).toEqual(["first"]));
  log.warn("second");
  log.info("too low");
  log.warn("third");
  await vi.waitFor(() => expect(newest().map(({ text }) => text)).toEqual(["first", "second", "third"]));
  const later = await read({ after: newest()[1]?.id ?? 0 });
  await vi.waitFor(() => expect(later().map(({ text }) => text)).toEqual(["third"]));
  const anew = await read({ after: 1_000_000, size: 2 });
  await vi.waitFor(() => expect(anew().map(({ text }) => text)).toEqual(["second", "third"]));
});

it("keeps the latest lines only", async () => {
  for (let n = 0; n < 1100; n++) log.warn(`line ${n}`);
  const { items, more } = await client.listServerLog({ query: { size: 1000 } });
  expect([items.length, more]).toEqual([1000, false]);
  expect(items.at(-1)?.text).toBe("line 1099");
});

it("keeps of a long line the beginning of its text, and no details", async () => {
  log.warn({ plugin: "one" }, "x".repeat(1_000_000));
  const { items } = await client.listServerLog({ query: { size: 1 } });
  expect(items).toMatchObject([{ text: "x".repeat(8192), details: {} }]);
});

describe.skipIf(withoutRedis)("while the store is away", () => {
  const redis = sharedRedis();

  it("is shown to the first key, with the settings and the metrics; other keys are refused with what is wrong", async () => {
    const data = await mkdtemp(path.join(tmpdir(), "hitagi-test-"));
    onTestFinished(() => rm(data, { recursive: true, force: true }));
    const store = redis().address(0);
    const settings = { data, store, library: await libraryOn(store), port: "0", warm: "0", apiKey: KEY };
    const own = createLog("info", { write: () => {} });
    const server = await startServer(readConfig(settings, {}), own);
    onTestFinished(() => server.stop());
    const first = createClient(server.address, KEY);
    const { key } = await first.createKey({ body: { name: "all", scope: "manage" } });
    const named = createClient(server.address, key);
    await redis().kill();
    const away = { status: 503, code: "STORE_UNREACHABLE" };
    await vi.waitFor(() => expect(first.listRegistries({})).rejects.toMatchObject(away));
    const { items } = await first.listServerLog({ query: { level: "warn" } });
    expect(items.map(({ text }) => text)).toContainEqual(
      expect.stringContaining("the store cannot be asked"),
    );
    const stopping = new AbortController();
    onTestFinished(() => stopping.abort());
    const stream = await first.streamServerLog({ query: { size: 1 }, signal: stopping.signal });
    expect((await stream[Symbol.asyncIterator]().next()).value).toMatchObject({ kind: "ready" });
    expect((await first.getServerSettings({})).settings).toMatchObject({ data });
    expect(await first.getMetrics({})).toContain("hitagi_");
    for (const call of ["listServerLog", "getServerSettings", "getMetrics"] as const) {
      await expect(named[call]({}), call).rejects.toMatchObject(away);
    }
  });
});
