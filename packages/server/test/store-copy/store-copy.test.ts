import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { pino } from "pino";
import { describe, expect, onTestFinished, test } from "vitest";
import { type RunningServer, startServer } from "../../src/app/listen.ts";
import { readConfig } from "../../src/config/config.ts";
import { isServerState } from "../../src/store/redis/names.ts";
import { serveStocked } from "../backup/backup-world.ts";
import { type Ran, runCaptured } from "../cli/cli-world.ts";
import { clientOf } from "../store/redis/world.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { tempFolder } from "../support/temp-folder.ts";

const redis = sharedRedis();
let last = 0;

type Run = (...argv: string[]) => Promise<Ran>;

/** A server on a data folder and a store, and commands to it with the key that is in the folder. */
const serveOn = async (data: string, store: string): Promise<{ server: RunningServer; run: Run }> => {
  const config = readConfig({ data, store, port: "0", warm: "0", log: "silent" }, {});
  const server = await startServer(config, pino({ level: "silent" }));
  onTestFinished(() => server.stop());
  const env = { HITAGI_SERVER: server.address, HITAGI_DATA: data };
  return { server, run: (...argv) => runCaptured(argv, { cwd: path.dirname(data), env }) };
};

/** An answer without what tells how late it is. */
const withoutNow = (json: unknown) =>
  JSON.parse(JSON.stringify(json, (name, value) => (["time", "age"].includes(name) ? undefined : value)));

/** What an owner sees of a server. */
const seen = async (run: Run) => {
  const commands = [
    ["list", "--json"],
    ["list", "one", "--json"],
    ["registry", "list", "--json"],
    ["settings", "filename-parse", "--json"],
    ["job", "list", "--json"],
    ["key", "list", "--json"],
  ];
  // biome-ignore lint/suspicious/noExplicitAny: they are compared with each other
  const answers: [string, any][] = [];
  for (const argv of commands) {
    const { code, err, json } = await run(...argv);
    expect(code, `${argv.join(" ")}: ${err}`).toBe(0);
    answers.push([argv.join(" "), withoutNow(json)]);
  }
  return Object.fromEntries(answers);
};

/** All keys of a database except those about its servers, so that a new part of the store must be copied too. */
const remembered = async (db: number): Promise<string[]> => {
  const keys = await clientOf(redis(), db).keys("*");
  const artifact = (key: string) => key.startsWith("HITAGI:ARTIFACT:");
  return keys
    .filter((key) => artifact(key) || !(isServerState(key) || key.startsWith("HITAGI:REQUESTS:")))
    .sort();
};

describe.skipIf(withoutRedis)("a copy of a store", () => {
  test("to Redis and back has all records, and gives new ids after the old ones", async () => {
    const { folder, data, server, run } = await serveStocked();
    await run("key", "add", "reader", "--scope", "read");
    await run("install", "one", "--version", "1.6.0");
    const before = await seen(run);
    await server.stop();
    const [file, address] = [`sqlite:${path.join(data, "hitagi.db")}`, redis().address(++last)];
    const offline: Run = (...argv) => runCaptured(argv, { cwd: folder, env: { MOVED: address } });

    const copied = await offline("store", "copy", file, "env:MOVED", "--json");
    expect(copied.code, copied.err).toBe(0);
    expect(copied.json).toMatchObject({ missing: 0, key: "same" });
    const counts = Object.fromEntries(
      copied.json.kinds.map((k: { kind: string; count: number }) => [k.kind, k.count]),
    );
    expect(counts).toMatchObject({ registries: 1, indexes: 1, versions: 2, keys: 1 });
    expect(counts.artifacts).toBeGreaterThanOrEqual(2);

    const onRedis = await serveOn(data, address);
    expect(await seen(onRedis.run)).toEqual(before);
    expect((await onRedis.run("install", "two")).code).toBe(0);
    const [newest] = (await onRedis.run("job", "list", "--json")).json.items;
    expect(newest.id).toBeGreaterThan(
      Math.max(...before["job list --json"].items.map((j: { id: number }) => j.id)),
    );
    const after = await seen(onRedis.run);
    const busy = await offline("store", "copy", address, "sqlite:back.db");
    expect([busy.code, busy.err]).toEqual([1, expect.stringMatching(/Servers use this Redis database/)]);
    await onRedis.server.stop();

    const other = redis().address(++last);
    expect((await offline("store", "copy", address, other)).err).toBe("");

    // Of a copy that was killed just now.
    await clientOf(redis(), last).set("HITAGI:LOCK:transfer", "1", "PX", 300);
    const waited = await offline("store", "copy", other, "sqlite:waited.db");
    expect([waited.code, waited.err]).toEqual([0, expect.stringContaining("Waiting for its lock to expire")]);
    expect(await remembered(last)).toEqual(await remembered(last - 1));

    // Another machine, with nothing but a folder for the new store.
    const there = path.join(folder, "there");
    const back = await offline("store", "copy", address, `sqlite:${path.join(there, "hitagi.db")}`);
    expect([back.code, back.err]).toEqual([0, ""]);
    expect(back.out).toMatch(
      /^WHAT +COUNT +SHA-256\n[\s\S]*\nregistries +1 +[0-9a-f]{16}\n[\s\S]*have the same content/,
    );
    const moved = await startServer(
      readConfig({ data: there, port: "0", warm: "0", log: "silent" }, {}),
      pino({ level: "silent" }),
    );
    onTestFinished(() => moved.stop());
    const run2: Run = (...argv) =>
      runCaptured(argv, { cwd: folder, env: { HITAGI_SERVER: moved.address, HITAGI_DATA: there } });
    const keyIn = (folder: string) => readFile(path.join(folder, "api-key"), "utf8");
    expect(await keyIn(there)).toBe(await keyIn(data));
    const seenThere = await seen(run2);
    expect(seenThere["key list --json"]).toEqual(after["key list --json"]);
    expect(seenThere["list --json"]).toEqual(after["list --json"]);
    expect((await run2("verify")).code).toBe(0);
    expect(seenThere["registry list --json"]).toEqual(after["registry list --json"]);
    expect(seenThere["job list --json"]).toEqual(after["job list --json"]);
  });

  test("refuses to mix or lose data, and says what to do", async () => {
    const { folder, data, server } = await serveStocked();
    const file = `sqlite:${path.join(data, "hitagi.db")}`;
    const run: Run = (...argv) => runCaptured(["store", "copy", ...argv], { cwd: folder });
    const client = clientOf(redis(), ++last);
    const address = redis().address(last);
    const failing = async (code: number, text: RegExp, ...argv: string[]) => {
      const { code: ended, err } = await run(...argv);
      expect([ended, err]).toEqual([code, expect.stringMatching(text)]);
    };

    await failing(1, /already uses this (?:store|data folder)/, file, address);
    await server.stop();
    await failing(1, /no Hitagi store to copy from/, "sqlite:none.db", address);
    await failing(1, /no Hitagi store to copy from/, address, "sqlite:new.db");
    await failing(2, /neither sqlite:/, "mysql://there", address);
    await failing(2, /password[\s\S]*env:HITAGI_STORE/, file, "redis://:secret@127.0.0.1:1/2");
    await failing(2, /UNSET is not set/, file, "env:UNSET");
    await failing(1, /same store/, file, file);
    await failing(1, /none of the \d+ kept versions[\s\S]*--data/, file, address, "--data", folder);
    expect(await client.keys("HITAGI:[^SL]*")).toEqual([]);

    await client.hset("LRR_PLUGIN_THEIRS", "enabled", "1");
    await failing(1, /already contains data \(LRR_PLUGIN_THEIRS\)/, file, address);
    await client.del("LRR_PLUGIN_THEIRS");
    await client.hset("HITAGI:TRANSFER", { source: "another", kind: "jobs", position: "" });
    await client.hset("HITAGI:ARCHIVES", "left", "{}");
    await failing(1, /unfinished copy of another store[\s\S]*--again/, file, address);
    await expect(serveOn(data, address)).rejects.toMatchObject({ code: "STORE_UNFINISHED" });
    expect((await run(file, address, "--again")).err).toBe("");
    expect(await client.hget("HITAGI:ARCHIVES", "left")).toBeNull();
    await failing(1, /already contains data/, file, address);
    await rm(data, { recursive: true });
  });

  test("includes LANraragi's own fields and its index, also by way of SQLite", async () => {
    const folder = await tempFolder();
    const [from, to] = [clientOf(redis(), ++last), clientOf(redis(), last + 1)];
    const [source, target] = [redis().address(last), redis().address(++last)];
    const id = "REG_1700000000";
    await from.hset("HITAGI:STORE", "layout", 1);
    await from.hset("LRR_CONFIG", { apikey: "sécret", ougi: id, motd: "Welcome" });
    await from.hset(id, {
      name: "R",
      provider: "local",
      path: "/r",
      created: "1700000000",
      updated: "x",
      their: "日本",
    });
    await from.hset("REG_1700000001", { name: "New", provider: "not-known-yet", url: "u" });
    await from.set("REG_INDEX_1700000000", "no registry.json");
    await from.hset("LRR_PLUGIN_EHPLUGIN", {
      enabled: "0",
      customargs: '["a"]',
      lang: "en",
      priority: "007",
    });
    const hashes = [id, "REG_1700000001", "LRR_PLUGIN_EHPLUGIN"];
    const before = await Promise.all(hashes.map((key) => from.hgetall(key)));
    const run: Run = (...argv) => runCaptured(["store", "copy", ...argv], { cwd: folder });

    const out = await run(source, "sqlite:middle.db");
    expect([out.code, out.err]).toEqual([0, ""]);
    expect(await readFile(path.join(folder, "api-key"), "utf8")).toBe("sécret");
    expect((await run("sqlite:middle.db", target)).code).toBe(0);
    expect(await Promise.all(hashes.map((key) => to.hgetall(key)))).toEqual(before);
    expect(await to.get("REG_INDEX_1700000000")).toBe("no registry.json");
    expect(await to.hgetall("LRR_CONFIG")).toEqual({ ougi: id });

    const direct = redis().address(++last);
    expect((await run(source, direct, "--json")).json.key).toBe("same");
    const other = clientOf(redis(), last);
    expect(await Promise.all(hashes.map((key) => other.hgetall(key)))).toEqual(before);
    expect(await other.hgetall("LRR_CONFIG")).toEqual({ ougi: id, apikey: "sécret" });
  });
});
