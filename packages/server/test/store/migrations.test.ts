import path from "node:path";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { expect, onTestFinished, test } from "vitest";
import { migrate, migrations } from "../../src/store/sqlite/migrations.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { tempFolder } from "../support/temp-folder.ts";

const newFile = async (): Promise<string> => path.join(await tempFolder(), "hitagi.db");

const connect = (file: string): DatabaseSyncInstance => {
  const db = new DatabaseSync(file);
  onTestFinished(() => db.close());
  return db;
};

/** A database as the newest released Hitagi leaves it, with something in it. */
const filled = async (): Promise<string> => {
  const file = await newFile();
  const store = await openSqliteStore(file);
  await store.registries.create({ name: "r", provider: "local", path: "/r" }, 1_784_000_000);
  await store.plugins.register("copytags", "metadata");
  await store.plugins.set("copytags", { a: "kept" });
  await store.close();
  return file;
};

test("a new step runs on older data and loses nothing", async () => {
  const db = connect(await filled());
  migrate(db, [...migrations, "ALTER TABLE plugins ADD COLUMN starred INTEGER NOT NULL DEFAULT 1"]);
  expect(db.prepare("SELECT namespace, settings, starred FROM plugins").all()).toEqual([
    { namespace: "copytags", settings: '{"a":"kept"}', starred: 1 },
  ]);
  expect(db.prepare("SELECT id FROM registries").all()).toEqual([{ id: "REG_1784000000" }]);
  expect(db.prepare("PRAGMA user_version").get()).toEqual({ user_version: migrations.length + 1 });
});

test("every older version reaches the newest schema", async () => {
  const schema = (db: DatabaseSyncInstance) =>
    db.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY name").all();
  const newest = connect(await newFile());
  migrate(newest);
  for (const version of migrations.keys()) {
    const db = connect(await newFile());
    migrate(db, migrations.slice(0, version));
    migrate(db);
    expect(schema(db)).toEqual(schema(newest));
  }
});

test("a failed step leaves the database at the version before", async () => {
  const db = connect(await filled());
  const steps = [
    ...migrations,
    "CREATE TABLE extra (x)",
    "DELETE FROM plugins; INSERT INTO nowhere VALUES (1)",
  ];
  expect(() => migrate(db, steps)).toThrow();
  expect(db.prepare("PRAGMA user_version").get()).toEqual({ user_version: migrations.length });
  expect(db.prepare("SELECT count(*) AS n FROM plugins").get()).toEqual({ n: 1 });
  expect(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'extra'").all()).toEqual([]);
});

test("a database of a newer Hitagi is refused, and the error has both versions", async () => {
  const file = await filled();
  const db = connect(file);
  db.exec(`PRAGMA user_version = ${migrations.length + 7}`);
  const failure = openSqliteStore(file);
  await expect(failure).rejects.toMatchObject({ code: "STORE_NEWER" });
  await expect(failure).rejects.toThrow(
    `A newer Hitagi wrote this store (its format is ${migrations.length + 7}, this one knows ${migrations.length})`,
  );
  expect(db.prepare("SELECT count(*) AS n FROM plugins").get()).toEqual({ n: 1 });
});
