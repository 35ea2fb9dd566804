import { mkdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { createClient } from "@hitagi/contract";
import { pino } from "pino";
import { describe, expect, onTestFinished, test } from "vitest";
import { type RunningServer, startServer } from "../../src/app/listen.ts";
import { readConfig } from "../../src/config/config.ts";
import { type Ran, runCaptured } from "../cli/cli-world.ts";
import { clientOf } from "../store/redis/world.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { startBundled } from "../support/script.ts";
import { bundleServer } from "../support/serve-process.ts";
import { filesIn, serveStocked } from "./backup-world.ts";

const redis = sharedRedis();
let last = 0;

interface OnRedis {
  folder: string;
  data: string;
  store: string;
  server: RunningServer;
  /** Commands to the server, or to its folders where it is stopped. */
  run(...argv: string[]): Promise<Ran>;
}

/** @param library the folder that all servers on the store share */
const serveOn = async (
  folder: string,
  data: string,
  store: string,
  library = path.join(data, "library"),
): Promise<OnRedis> => {
  const server = await startServer(
    readConfig({ data, store, library, port: "0", warm: "0", log: "silent" }, {}),
    pino({ level: "silent" }),
  );
  onTestFinished(() => server.stop());
  const env = { HITAGI_SERVER: server.address, HITAGI_DATA: data, HITAGI_STORE: store };
  return { folder, data, store, server, run: (...argv) => runCaptured(argv, { cwd: folder, env }) };
};

/** Without a server: the folders of one. */
const offline =
  ({ folder, data, store }: Pick<OnRedis, "folder" | "data" | "store">) =>
  (...argv: string[]) =>
    runCaptured(argv, { cwd: folder, env: { HITAGI_DATA: data, HITAGI_STORE: store } });

/** A server that was moved to a Redis. */
const stocked = async (): Promise<OnRedis> => {
  const { folder, data, server } = await serveStocked();
  await server.stop();
  const store = redis().address(++last);
  const moved = await runCaptured(["store", "copy", `sqlite:${path.join(data, "hitagi.db")}`, store], {
    cwd: folder,
  });
  expect(moved.code, moved.err).toBe(0);
  return serveOn(folder, data, store);
};

const versionOf = async (one: OnRedis, plugin = "one"): Promise<string> => {
  const { json, err } = await one.run("list", plugin, "--json");
  expect((await one.run("verify")).code, err).toBe(0);
  return json.version;
};

/** Makes the store look as where the restore was killed while it filled it: other machines do not start on it. */
const cutOffLoading = async (one: OnRedis, client: ReturnType<typeof clientOf>): Promise<void> => {
  const journal = await readFile(path.join(one.data, ".hitagi-restore", "journal.json"), "utf8");
  await client.hset("HITAGI:TRANSFER", {
    source: `restore ${JSON.parse(journal).id}`,
    kind: "jobs",
    position: "[1]",
  });
  await client.hset("HITAGI:ARCHIVES", "half", "{}");
  const elsewhere = serveOn(one.folder, path.join(one.folder, "elsewhere"), one.store);
  await expect(elsewhere).rejects.toMatchObject({ code: "STORE_UNFINISHED" });
};

describe.skipIf(withoutRedis)("a server on Redis", () => {
  test("can be backed up while it works, with artifacts that only other machines have, and restored and undone", async () => {
    const one = await stocked();
    expect((await one.run("install", "one", "--version", "1.1.0")).code).toBe(0);
    // As on a machine that joined a moment ago.
    await rm(path.join(one.data, "artifacts"), { recursive: true });
    await mkdir(path.join(one.data, "artifacts"), { mode: 0o700 });
    const made = await one.run("backup", "x.tar.gz", "--json");
    expect(made.code, made.err).toBe(0);
    await one.run("install", "one", "--version", "1.6.0");
    await one.run("settings", "filename-parse", "keep_rest=no");
    const busy = await one.run("restore", "x.tar.gz", "--force");
    expect([busy.code, busy.err]).toEqual([1, expect.stringContaining("already uses this data folder")]);
    const elsewhere = path.join(one.folder, "elsewhere");
    const other = await offline({ ...one, data: elsewhere })("restore", "x.tar.gz", "--force");
    expect([other.code, other.err]).toEqual([1, expect.stringContaining("Servers use this Redis database")]);
    await one.server.stop();

    const refused = await offline(one)("restore", "x.tar.gz");
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("already contains")]);
    const restored = await offline(one)("restore", "x.tar.gz", "--force");
    expect([restored.code, restored.err]).toEqual([0, ""]);
    expect(restored.out).toContain(` into ${one.store} as they were`);
    const before = await serveOn(one.folder, one.data, one.store);
    expect(await versionOf(before)).toBe("1.1.0");
    expect((await before.run("rollback", "one")).code).toBe(0);
    expect((await before.run("settings", "filename-parse", "--json")).out).toMatch(/"keep_rest"[\s\S]*true/);
    await before.server.stop();

    const misled = await offline({ ...one, store: "" })("restore", "--undo");
    expect([misled.code, misled.err]).toEqual([1, expect.stringContaining("HITAGI_STORE")]);
    const undone = await offline(one)("restore", "--undo");
    expect([undone.code, undone.err]).toEqual([0, ""]);
    const after = await serveOn(one.folder, one.data, one.store);
    expect(await versionOf(after)).toBe("1.6.0");
  });

  test("has backups that restore into SQLite, and takes a backup of a SQLite server", async () => {
    const one = await stocked();
    await one.run("backup", "redis.tar.gz");
    await one.server.stop();
    const there = { folder: one.folder, data: path.join(one.folder, "there"), store: "" };
    const file = { ...there, store: `sqlite:${path.join(there.data, "hitagi.db")}` };
    const restored = await offline(file)("restore", "redis.tar.gz");
    expect([restored.code, restored.err]).toEqual([0, ""]);
    const onFile = await serveOn(file.folder, file.data, file.store);
    expect(await versionOf(onFile)).toBe("1.0.0");
    await onFile.run("install", "two");
    await onFile.run("backup", "sqlite.tar.gz");
    await onFile.server.stop();

    const back = { folder: one.folder, data: path.join(one.folder, "back"), store: redis().address(++last) };
    const again = await offline(back)("restore", "sqlite.tar.gz");
    expect([again.code, again.err]).toEqual([0, ""]);
    const onRedis = await serveOn(back.folder, back.data, back.store);
    expect(await versionOf(onRedis, "two")).toBe("1.6.0");
  });

  test("keeps the old state when a restore is killed, or finishes the restore at the next start", async () => {
    const one = await stocked();
    await one.run("backup", "x.tar.gz");
    await one.run("install", "one", "--version", "1.6.0");
    await one.server.stop();
    const bundle = await bundleServer(path.join(import.meta.dirname, "restore-child.ts"));
    const client = clientOf(redis(), last);
    const versions: string[] = [];
    for (const step of [0, 1, 4]) {
      const child = startBundled(bundle, [one.data, path.join(one.folder, "x.tar.gz"), `${step}`, one.store]);
      expect(await child.line()).toBe("stopped");
      await child.kill();
      if (step === 1) await cutOffLoading(one, client);
      const started = await serveOn(one.folder, one.data, one.store);
      versions.push(await versionOf(started));
      await started.run("install", "one", "--version", "1.6.0");
      await started.server.stop();
      expect(await client.exists("HITAGI:TRANSFER")).toBe(0);
    }
    expect(versions).toEqual(["1.6.0", "1.0.0", "1.0.0"]);
    expect(Object.keys(await filesIn(one.data)).filter((name) => name.includes("saved"))).toEqual([]);
  });

  test("restores what was sent to it when it starts while no other server runs on that Redis", async () => {
    const one = await stocked();
    await one.run("backup", "x.tar.gz");
    await one.run("install", "one", "--version", "1.6.0");
    const library = path.join(one.data, "library");
    const other = await serveOn(one.folder, path.join(one.folder, "elsewhere"), one.store, library);
    const clientTo = async ({ server, data }: OnRedis) =>
      createClient(server.address, await readFile(path.join(data, "api-key"), "utf8"));
    const client = await clientTo(one);
    const file = new Blob([new Uint8Array(await readFile(path.join(one.folder, "x.tar.gz")))]);
    expect(await client.uploadBackup({ file, filename: "x.tar.gz" })).toMatchObject({ other_servers: 1 });
    await client.confirmRestore({});
    await one.server.stop();

    const early = await serveOn(one.folder, one.data, one.store);
    expect(await versionOf(early)).toBe("1.6.0");
    const { restore } = await (await clientTo(early)).getRestore({});
    expect(restore).toMatchObject({ state: "waiting", failure: { code: "STORE_IN_USE" } });
    await early.server.stop();
    await other.server.stop();

    const restored = await serveOn(one.folder, one.data, one.store);
    expect(await versionOf(restored)).toBe("1.0.0");
    const joined = await serveOn(other.folder, other.data, other.store, library);
    expect(await versionOf(joined)).toBe("1.0.0");
    await (await clientTo(restored)).undoRestore({});
    await restored.server.stop();
    await joined.server.stop();
    expect(await versionOf(await serveOn(one.folder, one.data, one.store))).toBe("1.6.0");
  });
});
