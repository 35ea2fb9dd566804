import { copyFile, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { toNamespace } from "@hitagi/contract";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createConnection, openDatabase } from "../../src/store/sqlite/connection.ts";
import { openSqliteStore, type SqliteOptions } from "../../src/store/sqlite/open.ts";
import type { CatalogRow } from "../../src/store/types.ts";
import { tempFolder } from "../support/temp-folder.ts";

const newFile = async (): Promise<string> => path.join(await tempFolder(), "deep/er/hitagi.db");

const opened = async (file: string, options?: SqliteOptions) => {
  const store = await openSqliteStore(file, options);
  onTestFinished(() => store.close());
  return store;
};

/** Another program's connection. */
const other = (file: string): DatabaseSyncInstance => {
  const db = new DatabaseSync(file);
  onTestFinished(() => db.close());
  return db;
};

const version = {
  ...{ version: "1.0.0", name: "n", author: "a", description: "x".repeat(1900), artifact: "p.ts" },
  ...{ sha256: "0".repeat(64), published_at: "2026-01-02T03:04:05Z" },
};
const entry = Buffer.from(JSON.stringify({ namespace: "p", type: "script", versions: { "1.0.0": version } }));

const indexOf = (count: number): [document: Buffer, rows: CatalogRow[]] => {
  const rows = Array.from({ length: count }, (_, i) => {
    const about = { name: `n${i}`, author: "a", description: "d", published_at: "2026-01-02T03:04:05Z" };
    const namespace = toNamespace(`plugin-${i}`);
    const summary = { namespace, type: "script" as const, version: "1.0.0", versions: 1, ...about };
    return { summary, start: i * entry.length, length: entry.length };
  });
  return [Buffer.concat(rows.map(() => entry)), rows];
};

const registry = { name: "r", provider: "local", path: "/r" } as const;
const metaOf = (plugins: number) => ({ generated_at: "2026-01-02T03:04:05Z", refreshed: 1, plugins });

describe("opening", () => {
  test.skipIf(process.platform === "win32")("only the owner can read the files", async () => {
    const file = await newFile();
    const store = await opened(file);
    await store.registries.create(registry, 1);
    for (const name of [file, `${file}-wal`, `${file}-shm`]) {
      expect((await stat(name)).mode & 0o777).toBe(0o600);
    }
  });

  test("a file that is no database is rejected and not changed", async () => {
    const file = path.join(await tempFolder(), "hitagi.db");
    await writeFile(file, "This is a letter, not a database.".repeat(100));
    await expect(openSqliteStore(file)).rejects.toMatchObject({ code: "STORE_FAILED" });
    expect((await stat(file)).size).toBe(3300);
  });

  test("a path where no file can be is rejected, and not shown", async () => {
    const folder = await tempFolder();
    await writeFile(path.join(folder, "file"), "");
    const failure = openSqliteStore(path.join(folder, "file/hitagi.db"));
    await expect(failure).rejects.toMatchObject({ code: "STORE_FAILED" });
    await expect(failure).rejects.not.toThrow(folder);
  });
});

describe("another program's lock", () => {
  test("is waited for without blocking other work", async () => {
    const file = await newFile();
    const store = await opened(file);
    const blocker = other(file);
    blocker.exec("BEGIN IMMEDIATE");
    let created = false;
    const creation = store.registries.create(registry, 1).then(() => (created = true));
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect(created).toBe(false);
    expect(await store.registries.list()).toEqual([]);
    blocker.exec("COMMIT");
    await creation;
    expect(await store.registries.list()).toHaveLength(1);
  });

  test("that is not released in time is STORE_LOCKED, also for the check", async () => {
    const file = await newFile();
    const store = await opened(file, { lockTimeoutMs: 60 });
    other(file).exec("BEGIN IMMEDIATE");
    await expect(store.registries.create(registry, 1)).rejects.toMatchObject({ code: "STORE_LOCKED" });
    await expect(store.check()).rejects.toMatchObject({ code: "STORE_LOCKED" });
    expect(await store.registries.list()).toEqual([]);
  });

  test("delays the opening until it is released", async () => {
    const file = path.join(await tempFolder(), "hitagi.db");
    const blocker = other(file);
    blocker.exec("BEGIN EXCLUSIVE");
    await expect(openSqliteStore(file, { lockTimeoutMs: 60 })).rejects.toMatchObject({
      code: "STORE_LOCKED",
    });
    const opening = opened(file);
    await new Promise(setImmediate);
    blocker.exec("COMMIT");
    await expect((await opening).check()).resolves.toBeUndefined();
  });
});

describe("the check of the whole file", () => {
  test("runs beside other work", async () => {
    const store = await opened(await newFile());
    const ended: string[] = [];
    const checked = store.faults().then(() => ended.push("check"));
    setImmediate(() => ended.push("other work"));
    await checked;
    expect(ended).toEqual(["other work", "check"]);
  });

  test("finds damage", async () => {
    const file = await newFile();
    await (await openSqliteStore(file)).close();
    const bytes = await readFile(file);
    await writeFile(file, bytes.fill(0x2a, bytes.length - 4096));
    expect(await (await opened(file)).faults()).toEqual(["database disk image is malformed"]);
  });

  // An open file cannot be removed on Windows.
  test.skipIf(process.platform === "win32")("of one that cannot be opened is STORE_FAILED", async () => {
    const file = await newFile();
    const store = await opened(file);
    await rm(file);
    await expect(store.faults()).rejects.toMatchObject({
      code: "STORE_FAILED",
      params: { reason: "unable to open database file" },
    });
  });
});

test("a closed store is one file that holds everything", async () => {
  const file = await newFile();
  const store = await openSqliteStore(file);
  await store.registries.create(registry, 1);
  await store.close();
  await copyFile(file, `${file}.copy`);
  expect(await (await opened(`${file}.copy`)).registries.list()).toHaveLength(1);
});

test("a full disk is DISK_FULL, and what was written before stays", async () => {
  const db = openDatabase(path.join(await tempFolder(), "hitagi.db"));
  const connection = createConnection(db, 0);
  onTestFinished(() => connection.close());
  db.exec("CREATE TABLE t (x TEXT); PRAGMA max_page_count = 10");
  const insert = connection.prepare("INSERT INTO t VALUES (?)");
  await connection.write(() => insert.run("small"));
  const large = connection.write(() => {
    insert.run("first");
    insert.run("x".repeat(200_000));
  });
  await expect(large).rejects.toMatchObject({ code: "DISK_FULL" });
  const rows = await connection.read(() => connection.prepare("SELECT x FROM t").all());
  expect(rows).toEqual([{ x: "small" }]);
  await expect(connection.write(() => insert.run("again"))).resolves.toMatchObject({ changes: 1 });
});

describe("a large index", () => {
  const filesOf = async (file: string): Promise<string[]> => (await readdir(`${file}-catalog`)).sort();

  test("does not block other work while it is written", async () => {
    const store = await opened(await newFile());
    const { id, updated } = await store.registries.create(registry, 1);
    let turns = 0;
    let writing = true;
    const count = (): void => {
      turns += 1;
      if (writing) setImmediate(count);
    };
    setImmediate(count);
    await store.catalog.replace(id, updated, metaOf(8000), ...indexOf(8000));
    writing = false;
    // Rows are written in batches of 1,000.
    expect(turns).toBeGreaterThan(8);
  });

  test("is removed when it is replaced or its registry is deleted, and only its owner can read it", async () => {
    const file = await newFile();
    const store = await opened(file);
    const { id, updated } = await store.registries.create(registry, 1);
    await store.catalog.replace(id, updated, metaOf(3000), ...indexOf(3000));
    await store.catalog.replace(id, updated, metaOf(5), ...indexOf(5));
    await vi.waitFor(async () => expect(await filesOf(file)).toEqual(["2.json", "2.rows"]));
    if (process.platform !== "win32") {
      expect((await stat(`${file}-catalog`)).mode & 0o777).toBe(0o700);
      expect((await stat(`${file}-catalog/2.json`)).mode & 0o777).toBe(0o600);
    }
    await store.registries.delete(id);
    await vi.waitFor(async () => expect(await filesOf(file)).toEqual([]));
  });

  test("is not removed as an old one when it becomes current during the garbage collection", async () => {
    const file = await newFile();
    const first = await openSqliteStore(file);
    const { id, updated } = await first.registries.create(registry, 1);
    const slow = await first.registries.create(registry, 1);
    await first.catalog.replace(id, updated, metaOf(6000), ...indexOf(6000));
    await first.close();

    const store = await opened(file);
    const written = store.catalog.replace(slow.id, slow.updated, metaOf(15_000), ...indexOf(15_000));
    await store.catalog.replace(id, updated, metaOf(1), ...indexOf(1));
    await written;
    await store.registries.delete(id);
    await vi.waitFor(async () => expect(await filesOf(file)).toHaveLength(2));
    expect(await store.catalog.summaries(slow.id)).toHaveLength(15_000);
    expect(await store.catalog.entry(slow.id, "plugin-14999")).toEqual(JSON.parse(entry.toString()));
  });
});

test("expired entries of the plugins' cache are removed when an entry is set", async () => {
  const file = await newFile();
  let now = 100;
  const store = await opened(file, { now: () => now });
  await store.cache.set("one", "old", "v", 150);
  now = 200;
  await store.cache.set("one", "new", "v", 300);
  expect(other(file).prepare("SELECT key FROM plugin_cache").all()).toEqual([{ key: "new" }]);
});
