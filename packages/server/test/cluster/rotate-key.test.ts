import { readFile } from "node:fs/promises";
import path from "node:path";
import { createClient } from "@hitagi/contract";
import { pino } from "pino";
import { describe, expect, onTestFinished, test } from "vitest";
import { startServer } from "../../src/app/listen.ts";
import { readConfig } from "../../src/config/config.ts";
import { clientOf } from "../store/redis/world.ts";
import { libraryOn } from "../support/one-library.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { tempFolder } from "../support/temp-folder.ts";

describe.skipIf(withoutRedis)("the key of all servers on a Redis", () => {
  const redis = sharedRedis();
  let db = 0;

  const serve = async (settings: Record<string, string> = {}) => {
    const data = await tempFolder();
    const store = redis().address(db);
    const library = await libraryOn(store);
    const given = { data, store, library, port: "0", warm: "0", log: "silent", ...settings };
    const server = await startServer(readConfig(given, {}), pino({ level: "silent" }));
    onTestFinished(() => server.stop());
    const status = async (key: string): Promise<number> => {
      const authorization = `Bearer ${Buffer.from(key).toString("base64")}`;
      return (await fetch(`${server.address}/api/registries`, { headers: { authorization } })).status;
    };
    const client = (key: string) => createClient(server.address, key);
    return { ...server, client, status, fileOf: () => readFile(path.join(data, "api-key"), "utf8") };
  };

  test("is new on all of them and in their files when the rotation returns", async () => {
    db++;
    const [a, b, c] = [await serve(), await serve(), await serve({ apiKey: "configured" })];
    const { key: before } = a.apiKey;
    const stream = await b.client(before).streamEvents({ query: {} });
    const reading = (async () => {
      for await (const _ of stream);
    })();
    const { key } = await a.client(before).rotateKey({});
    expect(key).not.toBe(before);
    for (const server of [a, b]) {
      expect([await server.status(before), await server.status(key)]).toEqual([401, 200]);
      expect(await server.fileOf()).toBe(key);
    }
    await reading;
    expect([await c.status("configured"), await c.status(key)]).toEqual([200, 401]);
    const joining = await serve();
    expect(joining.apiKey.key).toBe(key);
  });

  test("cannot be rotated while it is LANraragi's", async () => {
    db++;
    await clientOf(redis(), db).hset("LRR_CONFIG", "apikey", "theirs");
    const server = await serve();
    const refused = server.client("theirs").rotateKey({});
    await expect(refused).rejects.toMatchObject({ status: 409, code: "KEY_NOT_OWN" });
    expect(await server.status("theirs")).toBe(200);
  });

  test("rotated on several servers at once is one key on all, and the later caller gets an error", async () => {
    db++;
    const servers = [await serve(), await serve(), await serve()];
    const before = servers[0]?.apiKey.key ?? "";
    const ended = await Promise.allSettled(servers.map(({ client }) => client(before).rotateKey({})));
    const late = ended.flatMap((one) => (one.status === "rejected" ? [one.reason.code] : []));
    for (const code of late) expect(["KEY_ROTATED", "UNAUTHORIZED"]).toContain(code);
    const first = await clientOf(redis(), db).get("HITAGI:KEYS:FIRST");
    expect(await Promise.all(servers.map(({ fileOf }) => fileOf()))).toEqual([first, first, first]);
    for (const { status } of servers) expect(await status(first ?? "")).toBe(200);
  });
});
