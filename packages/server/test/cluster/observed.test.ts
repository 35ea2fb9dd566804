import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { ServerEvent } from "@hitagi/contract";
import { pino } from "pino";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createApp } from "../../src/app/app.ts";
import { readConfig } from "../../src/config/config.ts";
import { createHttpServer } from "../../src/http/server.ts";
import { createFirstKey } from "../../src/keys/first-key.ts";
import { pluginText } from "../http/plugin-sources.ts";
import { cbz } from "../library/cbz.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { openNode } from "./open-node.ts";

const echo = (version: string): Buffer =>
  Buffer.from(pluginText("echo", version, "metadata", "async getTags() { return { tags: [] }; },"));

describe.skipIf(withoutRedis)("events, history and answers of several servers", () => {
  const redis = sharedRedis();

  const node = async (db: number) => {
    const services = await openNode(redis().address(db));
    const events: ServerEvent[] = [];
    await services.events.follow(undefined, { begin: () => {}, event: (event) => events.push(event) });
    return { ...services, seen: events };
  };

  test("each event reaches all readers, and is recorded and counted once", async () => {
    const [a, b, c] = [await node(1), await node(1), await node(1)];
    await a.installer.sideload("echo.ts", echo("1.0.0"), true);
    await b.installer.sideload("echo.ts", echo("2.0.0"), true);
    await c.plugins.configure("echo", { priority: 3 });
    const folder = await tempFolder();
    await writeRegistry(folder, []);
    const { id } = await a.registries.create({ name: "r", provider: "local", path: folder });
    await b.refreshAll({ kind: "schedule", key: null })();
    await c.registries.delete(id);
    const nameOf = ({ kind, action }: ServerEvent) => `${kind} ${action}`;
    for (const { seen } of [a, b, c]) {
      await vi.waitFor(() => expect(seen.map(nameOf).at(-1)).toBe("registry removed"));
      expect(seen.map(nameOf)).toEqual([
        "plugin installed",
        "plugin upgraded",
        "plugin configured",
        "registry added",
        "registry refreshed",
        "registry removed",
      ]);
      expect(seen.map((event) => event.id)).toEqual(a.seen.map((event) => event.id));
    }
    const refreshed = /^hitagi_registry_refreshes_total\{outcome="changed"\} (\d+)$/m;
    const counts = await Promise.all(
      [a, b, c].map(async ({ scrape }) => refreshed.exec((await scrape()).text)),
    );
    expect(counts.map((found) => Number(found?.[1] ?? 0))).toEqual([0, 1, 0]);
    await vi.waitFor(async () => {
      const { items } = await a.history.list({ action: "refresh_registry" }, 1, 9);
      expect(items).toHaveLength(1);
    });
  });

  test("a server with another library than the others is refused, and leaves no key", async () => {
    const log = pino({ level: "silent" });
    const start = async (library: string) => {
      const settings = { data: await tempFolder(), store: redis().address(3), warm: "0", library };
      const app = await createApp(readConfig(settings, {}), log);
      onTestFinished(() => app.stop());
      await app.start();
      return app;
    };
    const library = await tempFolder();
    await writeFile(path.join(library, "a.cbz"), cbz("a"));
    const a = await start(library);
    await start(library);
    await vi.waitFor(async () => expect(await a.services.library.list()).toHaveLength(1));
    await expect(start(await tempFolder())).rejects.toMatchObject({ code: "LIBRARY_DIFFERS" });
    expect(await a.services.cluster.nodes()).toHaveLength(2);
  });

  test("if two servers with different libraries start at once, at most one stays", async () => {
    const begin = async (library: string) => {
      const settings = { data: await tempFolder(), store: redis().address(4), warm: "0", library };
      const app = await createApp(readConfig(settings, {}), pino({ level: "silent" }));
      onTestFinished(() => app.stop());
      return app;
    };
    const [a, b] = [await begin(await tempFolder()), await begin(await tempFolder())];
    const ended = await Promise.allSettled([a.start(), b.start()]);
    const refused = ended.filter(({ status }) => status === "rejected");
    expect(refused.length).toBeGreaterThan(0);
    for (const one of refused) expect(one).toMatchObject({ reason: { code: "LIBRARY_DIFFERS" } });
  });

  test("an ETag of one server does not match a different answer of another", async () => {
    const answers: { url: string; etag: unknown; body: string }[] = [];
    for (const services of [await node(2), await node(2)]) {
      const http = await createHttpServer(services, createFirstKey("k"));
      onTestFinished(() => http.close());
      const authorization = `Bearer ${Buffer.from("k").toString("base64")}`;
      const get = (url: string, more = {}) => http.inject({ url, headers: { authorization, ...more } });
      const unknown = { "if-none-match": "*", "if-modified-since": new Date().toUTCString() };
      for (const url of ["/api/registries", "/api/archives", "/api/openapi.json"]) {
        const answer = await get(url, unknown);
        expect([url, answer.statusCode]).toEqual([url, 200]);
        expect(answer.headers).not.toHaveProperty("etag");
        expect(answer.headers).not.toHaveProperty("last-modified");
      }
      for (const url of ["/api/plugins/script", "/api/plugins/metadata"]) {
        const { headers, body } = await get(url);
        expect(headers).not.toHaveProperty("last-modified");
        answers.push({ url, etag: headers.etag, body });
        for (const other of answers) {
          const { statusCode } = await get(url, { "if-none-match": String(other.etag) });
          expect([other.url, url, statusCode]).toEqual([other.url, url, other.body === body ? 304 : 200]);
        }
      }
    }
    // The same list has the same tag on each server, and another list has another.
    expect(new Set(answers.map(({ etag }) => etag)).size).toBe(new Set(answers.map((a) => a.body)).size);
  });
});
