import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { createClient } from "@hitagi/contract";
import { DatabaseSync } from "@photostructure/sqlite";
import { expect, test } from "vitest";
import { openDatabase } from "../../src/store/sqlite/connection.ts";
import { migrations } from "../../src/store/sqlite/migrations.ts";
import { serveStocked } from "../backup/backup-world.ts";
import { manifest, tarOf } from "../backup/tarball.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** Rows that a view makes. A hostile one has no LIMIT: whatever reads it never ends, and holds up the whole server. */
const rows = (columns: string) =>
  `WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 1000) SELECT ${columns} FROM c`;

/** The step that copies the lines of signed registries, and how many come before it. */
const copying = migrations.findIndex((step) => step.includes("DROP TABLE seen_lines"));

/** What is hostile, SQL that makes it, what the refusal names, and the version of the database. */
const cases: [what: string, sql: string, named: string, version?: number][] = [
  [
    "a trigger that keeps what was accepted of signed registries out",
    "CREATE TRIGGER evil BEFORE INSERT ON trust_states BEGIN SELECT RAISE(IGNORE); END",
    "trigger evil",
  ],
  [
    "a view in the place of a table that is read at each start",
    `DROP TABLE catalog_indexes; CREATE VIEW catalog_indexes AS ${rows("'a' AS registry, x AS generation")}`,
    "view catalog_indexes",
  ],
  [
    "a view that a step to the newest form copies without end",
    `CREATE VIEW seen_lines_2 AS ${rows("x AS id, 'a' AS registry, x'00' AS lines")}`,
    "view seen_lines_2",
    copying,
  ],
  ["a virtual table", "CREATE VIRTUAL TABLE evil USING fts5(text)", "table evil"],
  [
    "a column that takes a gigabyte at each read",
    "ALTER TABLE archives ADD COLUMN evil TEXT AS (hex(zeroblob(500000000)))",
    "table archives",
  ],
  ["an index that computes", "CREATE INDEX evil ON archives (length(hex(zeroblob(1000))))", "index evil"],
  [
    "a check that lets no change pass",
    `PRAGMA writable_schema = ON;
     UPDATE sqlite_master SET sql = replace(sql, 'value TEXT NOT NULL', 'value TEXT NOT NULL CHECK (0)')
       WHERE name = 'registry_pins'`,
    "table registry_pins",
  ],
];

/** A backup of nothing but a database, of this version of the schema, in which SQL was run. */
const backupOf = async (sql: string, version = migrations.length): Promise<Buffer> => {
  const file = path.join(await tempFolder(), "hitagi.db");
  const db = new DatabaseSync(file);
  for (const step of migrations.slice(0, version)) db.exec(step);
  db.exec(`PRAGMA user_version = ${version}`);
  db.enableDefensive?.(false);
  db.exec(sql);
  db.close();
  const bytes = await readFile(file);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return tarOf([
    ["store/hitagi.db", bytes],
    manifest({ parts: ["store"], files: [{ path: "store/hitagi.db", size: bytes.length, sha256 }] }),
  ]);
};

test("a backup whose database holds SQL of its own is refused, and none of it runs", async () => {
  const { data, folder, server, run } = await serveStocked();
  const client = createClient(server.address, await readFile(path.join(data, "api-key"), "utf8"));
  const send = (bytes: Buffer) =>
    client.uploadBackup({ file: new Blob([new Uint8Array(bytes)]), filename: "x.tar.gz" });
  for (const [what, sql, named, version] of cases) {
    const backup = await backupOf(sql, version);
    const refused = await send(backup).catch((e: unknown) => e);
    expect(refused, what).toMatchObject({
      code: "BACKUP_INVALID",
      message: expect.stringContaining(`its database has a ${named}, which Hitagi did not make`),
    });
    expect(await readdir(path.join(data, ".hitagi-waiting-restore")).catch(() => []), what).toEqual([]);
  }
  // The command restores with the same check.
  const [, [, sql, named] = []] = cases;
  await writeFile(path.join(folder, "x.tar.gz"), await backupOf(sql ?? ""));
  await server.stop();
  const { code, err } = await run("restore", "x.tar.gz", "--data", path.join(folder, "other"));
  expect([code, err]).toEqual([1, expect.stringContaining(named ?? "-")]);
});

test("a database of each earlier version of Hitagi is taken, also with SQLite's statistics", async () => {
  const { data, server } = await serveStocked();
  const client = createClient(server.address, await readFile(path.join(data, "api-key"), "utf8"));
  for (let version = 1; version <= migrations.length; version++) {
    const bytes = await backupOf("ANALYZE", version);
    const { restore } = await client.uploadBackup({
      file: new Blob([new Uint8Array(bytes)]),
      filename: "x.tar.gz",
    });
    expect(restore?.state, String(version)).toBe("checked");
  }
});

test("a database that was brought up step by step has the form of one that was made new", async () => {
  const file = path.join(await tempFolder(), "hitagi.db");
  for (const step of migrations) {
    const db = openDatabase(file);
    db.exec(step);
    db.close();
  }
  const { foreignSchema } = await import("../../src/store/store.ts");
  const db = openDatabase(file);
  db.exec(`PRAGMA user_version = ${migrations.length}`);
  db.close();
  expect(foreignSchema(file)).toBeUndefined();
});
