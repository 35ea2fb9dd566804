import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import type { Redis } from "ioredis";
import { describe, expect, onTestFinished, test } from "vitest";
import { openRedisStore } from "../../src/store/redis/open.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { ArchiveRecord, BadRecord, Store } from "../../src/store/types.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { clientOf } from "./redis/world.ts";

const sha = (digit: string): string => digit.repeat(64);
const archive = (id: string, file = `${id}.cbz`): ArchiveRecord => ({
  ...{ id, file, title: id, tags: "", summary: "", size: 1, pages: 1, added: 1 },
});
const actor = { kind: "cli", key: null } as const;
const job = { task: "t", args: [], actor, priority: 0, notes: {} };
const key = (id: string) => ({
  ...{ id, name: id, scope: "read" as const, hash: sha("0"), created: 1, expires: null, lastUsed: null },
});
const provenance = (digit: string) => ({
  path: `Managed/Script/${digit}.ts`,
  ...{ version: "1.0.0", registry: null, sha256: sha(digit), type: "script" as const },
});
const entry = { time: 1, actor, action: "a", subject: null, outcome: "ok", ms: 1, job: null };
const item = (id: string) => ({
  archive: id,
  outcome: "changed" as const,
  ...{ before: null, after: null, errors: [] },
});

/** Two records of each kind; the second one is corrupted. */
const fill = async (store: Store): Promise<void> => {
  await store.archives.add(archive("good"));
  await store.archives.add(archive("victim"));
  const local = { name: "r", provider: "local", path: "/r" } as const;
  await store.registries.create(local, 1_700_000_000);
  await store.registries.create(local, 1_700_000_009, { kind: "token", secret: "s" });
  for (const [namespace, digit] of [
    ["good", "1"],
    ["victim", "2"],
  ] as const) {
    const after = { provenance: provenance(digit), granted: { net: ["example.org"] } };
    await store.plugins.commit({ namespace, expect: undefined, after, now: 1 });
    await store.plugins.set(namespace, { text: "a", limit: 5 });
  }
  const next = { provenance: provenance("3"), granted: {} };
  await store.plugins.commit({ namespace: "good", expect: sha("1"), after: next, now: 2 });
  await store.jobs.create(job, 1);
  await store.jobs.create(job, 2);
  await store.batches.put(1, item("good"));
  await store.batches.put(1, item("victim"));
  await store.keys.create(key("good"));
  await store.keys.create(key("victim"));
  await store.history.add(entry);
  await store.history.add(entry);
};

const [REGISTRY, OTHER] = ["REG_1700000009", "REG_1700000000"];
const listed = (store: Store) => ({
  archives: async () => (await store.archives.list()).map(({ id }) => id),
  registries: async () => (await store.registries.list()).map(({ id }) => id),
  plugins: async () => (await store.plugins.list()).map(({ namespace }) => namespace),
  versions: async () => (await store.plugins.versions("good")).map(({ sha256 }) => sha256),
  jobs: async () => (await store.jobs.list({}, 1, 9)).items.map(({ id }) => id),
  batches: async () => (await store.batches.list(1, {}, 1, 9)).items.map(({ archive: id }) => id),
  keys: async () => (await store.keys.list()).map(({ id }) => id),
  history: async () => (await store.history.list({}, 1, 9)).items.map(({ id }) => id),
});
type Kind = keyof ReturnType<typeof listed>;

const all: Record<Kind, unknown[]> = {
  ...{ archives: ["good", "victim"], registries: [OTHER, REGISTRY], plugins: ["good", "victim"] },
  ...{ versions: [sha("3"), sha("1")], jobs: [2, 1], batches: ["good", "victim"] },
  ...{ keys: ["good", "victim"], history: [2, 1] },
};
const victims: Record<Kind, unknown> = {
  ...{ archives: "victim", registries: REGISTRY, plugins: "victim", versions: sha("1"), jobs: 2 },
  ...{ batches: "victim", keys: "victim", history: 2 },
};
const direct: Record<Kind, (store: Store) => Promise<unknown>> = {
  archives: (store) => store.archives.get("victim"),
  registries: (store) => store.registries.get(REGISTRY),
  plugins: (store) => store.plugins.get("victim"),
  versions: async () => undefined,
  jobs: (store) => store.jobs.get(2),
  batches: (store) => store.batches.get(1, "victim"),
  keys: (store) => store.keys.get("victim"),
  history: async (store) => (await store.history.next({ after: 1 }, 1))[0],
};

/** Checks that the victim of a kind is left out, told once, and that all else is as before. */
const expectHidden = async (store: Store, kind: Kind, told: BadRecord[], place: RegExp) => {
  for (const other of Object.keys(all) as Kind[]) {
    const expected = other === kind ? all[kind].filter((id) => id !== victims[kind]) : all[other];
    expect(await listed(store)[other](), other).toEqual(expected);
  }
  expect(await direct[kind](store)).toBeUndefined();
  expect(await direct[kind](store)).toBeUndefined();
  expect(told.map((bad) => bad.place)).toEqual([expect.stringMatching(place)]);
  expect(await store.badRecords()).toEqual(told);
};

/** Checks that a bad document is neither taken as missing nor replaced by a first one. */
const expectRefused = async (store: Store, place: string) => {
  expect(await store.documents.get("good")).toEqual({ value: 1, revision: 1 });
  await expect(store.documents.get("victim")).rejects.toMatchObject({ code: "DOCUMENT_INVALID" });
  expect(await store.documents.set("victim", 1, 0)).toBeUndefined();
  expect((await store.badRecords()).map((bad) => bad.place)).toEqual([place]);
};

/** An index of two plugins whose entries have the same text. */
const fillIndex = async (store: Store): Promise<void> => {
  const [registry] = await store.registries.list();
  const text = Buffer.from('{"namespace":"x","type":"script","versions":{}}');
  const rows = (["one", "two"] as const).map((namespace, n) => ({
    summary: {
      ...{ namespace, type: "script" as const, version: "1.0.0", name: namespace, author: "a" },
      ...{ description: "", published_at: "2026-01-02T03:04:05Z", versions: 1 },
    },
    start: n * text.length,
    length: text.length,
  }));
  const meta = { generated_at: "2026-01-02T03:04:05Z", refreshed: 1, plugins: 2 };
  await store.catalog.replace(OTHER, registry?.updated ?? 0, meta, Buffer.concat([text, text]), rows);
};
const offered = async (store: Store) =>
  (await store.catalog.summaries(OTHER)).map(({ namespace }) => namespace);

type Change<T> = [what: string, kind: Kind, change: (raw: T) => unknown];

const FILES: [what: string, file: string][] = [
  ["leads out of the library", "../../../../etc/shadow"],
  ["leads out of it from a folder", "a/../../b.cbz"],
  ["is absolute", "/etc/shadow"],
  ["has a NUL", "a\0b.cbz"],
  ["is the library itself", "."],
  ["is empty", ""],
  ["has an empty name in it", "a//b.cbz"],
  ["ends in a parent folder", "a/.."],
];

describe("a bad record in SQLite", () => {
  const withVictim = async (change: (db: DatabaseSyncInstance) => unknown) => {
    const file = path.join(await tempFolder(), "hitagi.db");
    const first = await openSqliteStore(file);
    await fill(first);
    await first.close();
    const db = new DatabaseSync(file);
    db.enableDefensive?.(false);
    // Another program may write a file without the types of this schema.
    db.exec("PRAGMA writable_schema = ON");
    db.exec(
      "UPDATE sqlite_schema SET sql = replace(replace(sql, ') STRICT', ')'), 'NOT NULL', '') WHERE type = 'table'",
    );
    db.close();
    const loose = new DatabaseSync(file);
    change(loose);
    loose.close();
    const told: BadRecord[] = [];
    const store = await openSqliteStore(file, { onBadRecord: (bad) => told.push(bad) });
    onTestFinished(() => store.close());
    const read = (sql: string) => {
      const again = new DatabaseSync(file, { readOnly: true });
      try {
        return again.prepare(sql).all();
      } finally {
        again.close();
      }
    };
    return { store, told, read };
  };
  const set =
    (table: string, column: string, value: string | number | Uint8Array | null | bigint, where: string) =>
    (db: DatabaseSyncInstance) =>
      db.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${where}`).run(value);
  const ofArchive = (column: string, value: Parameters<typeof set>[2]) =>
    set("archives", column, value, "id = 'victim'");
  const ofPlugin = (column: string, value: string) => set("plugins", column, value, "namespace = 'victim'");
  const HUGE = 9_223_372_036_854_775_807n;

  const changes: Change<DatabaseSyncInstance>[] = [
    // SQLite's driver reads text up to a NUL.
    ...FILES.filter(([, file]) => !file.includes("\0")).map(
      ([what, file]): Change<DatabaseSyncInstance> => [
        `an archive whose file ${what}`,
        "archives",
        ofArchive("file", file),
      ],
    ),
    ["an archive whose size is no number", "archives", ofArchive("size", "x")],
    ["an archive whose size is too large", "archives", ofArchive("size", HUGE)],
    ["an archive whose title is bytes", "archives", ofArchive("title", Buffer.from("x"))],
    ["an archive without tags", "archives", ofArchive("tags", null)],
    [
      "a registry of an unknown provider",
      "registries",
      set("registries", "provider", "x", `id = '${REGISTRY}'`),
    ],
    [
      "a registry whose failure is no JSON",
      "registries",
      set("registries", "failure", "{", `id = '${REGISTRY}'`),
    ],
    ["a credential of an unknown kind", "registries", set("registry_credentials", "kind", "x", "1")],
    ["a plugin whose settings are no JSON", "plugins", ofPlugin("settings", "{")],
    ["a plugin whose settings are a list", "plugins", ofPlugin("settings", "[1]")],
    ["a plugin whose setting is an object", "plugins", ofPlugin("settings", '{"a":{}}')],
    ["a plugin with an unknown right", "plugins", ofPlugin("granted", '{"run":true}')],
    ["a plugin of an unknown type", "plugins", ofPlugin("type", "theme")],
    [
      "a version whose grants are no JSON",
      "versions",
      set("plugin_versions", "granted", "x", `sha256 = '${sha("1")}'`),
    ],
    ["a job in an unknown state", "jobs", set("jobs", "state", "x", "id = 2")],
    ["a job whose arguments are no list", "jobs", set("jobs", "args", "{}", "id = 2")],
    ["a job whose notes are no JSON", "jobs", set("jobs", "notes", "", "id = 2")],
    ["a report that is no JSON", "batches", set("batch_items", "texts", "x", "archive = 'victim'")],
    ["a key of an unknown scope", "keys", set("keys", "scope", "root", "id = 'victim'")],
    ["a key whose expiry is a text", "keys", set("keys", "expires", "never", "id = 'victim'")],
    [
      "an entry of the history by an unknown kind of actor",
      "history",
      set("history", "actor_kind", "x", "id = 2"),
    ],
  ];

  test.each(changes)("%s is left out and told once, and nothing else is", async (_what, kind, change) => {
    const { store, told } = await withVictim(change);
    await expectHidden(
      store,
      kind,
      told,
      /(id|sha256|archive|namespace) = '?(victim|2|1{64}|REG_1700000009)/,
    );
    expect(told[0]?.remove).toMatch(/^DELETE FROM \w+ WHERE /);
  });

  test("is refused if it is a document, and is not replaced", async () => {
    const { store } = await withVictim((db) =>
      db.exec("INSERT INTO documents VALUES ('victim', '{', 1), ('good', '1', 1)"),
    );
    await expectRefused(store, "documents, name = 'victim'");
  });

  test("is not changed by what would change a good one", async () => {
    const file = "../../secret";
    const { store, read } = await withVictim(ofArchive("file", file));
    expect(await store.archives.update("victim", { title: "new", file: "x.cbz" })).toBe(false);
    expect(await store.archives.delete("victim")).toBe(false);
    expect(await store.archives.add(archive("victim"))).toBe(false);
    expect(read("SELECT file, title FROM archives WHERE id = 'victim'")).toEqual([{ file, title: "victim" }]);
  });

  test("a bad row or entry of a cached index is left out, and the others are not", async () => {
    const folder = await tempFolder();
    const file = path.join(folder, "hitagi.db");
    const told: BadRecord[] = [];
    const open = async () => openSqliteStore(file, { onBadRecord: (bad) => told.push(bad) });
    const first = await open();
    await fill(first);
    await fillIndex(first);
    await first.close();
    const [document = ""] = (await readdir(`${file}-catalog`)).filter((name) => name.endsWith(".json"));
    const [rows, entries] = [document.replace("json", "rows"), document].map((name) =>
      path.join(`${file}-catalog`, name),
    ) as [string, string];
    const text = await readFile(entries, "utf8");
    await writeFile(entries, `${text.slice(0, text.length / 2)}${"x".repeat(text.length / 2)}`);
    const second = await open();
    expect(await second.catalog.entry(OTHER, "one")).toMatchObject({ type: "script" });
    expect(await second.catalog.entry(OTHER, "two")).toBeUndefined();
    await second.close();
    await writeFile(rows, (await readFile(rows, "utf8")).replace('"versions":1', '"versions":"many"'));
    const third = await open();
    expect(await offered(third)).toEqual(["two"]);
    await writeFile(rows, "{\n");
    expect(await offered(third)).toEqual([]);
    await third.close();
    const db = new DatabaseSync(file);
    db.exec("UPDATE catalog_indexes SET skipped = '{', skipped_count = 1");
    db.close();
    const fourth = await open();
    onTestFinished(() => fourth.close());
    expect((await fourth.registries.list()).map(({ id }) => id)).toEqual([OTHER, REGISTRY]);
    expect(await fourth.catalog.meta(OTHER)).toBeUndefined();
    expect(told.pop()?.place).toBe("catalog_indexes, registry = 'REG_1700000000'");
    expect(told.map(({ remove }) => remove)).toEqual(
      told.map(() => "refresh the registry with hitagi registry refresh"),
    );
    expect(told.length).toBeGreaterThan(2);
  });

  test("is printed without what a shell or a terminal would run", async () => {
    const { store, told } = await withVictim((db) => {
      ofArchive("id", "x'; DROP\n\u001b[2J\u202e")(db);
      set("archives", "file", "/etc/shadow", "file = 'victim.cbz'")(db);
    });
    await store.archives.list();
    expect(told[0]?.place).toBe("archives, id = 'x\\u0027; DROP\\u000a\\u001b[2J\\u202e'");
  });
});

describe.skipIf(withoutRedis)("a bad record in Redis", () => {
  const server = sharedRedis();
  let databases = 0;
  const withVictim = async (change: (redis: Redis) => unknown) => {
    const db = databases++ % 16;
    const client = clientOf(server(), db);
    await client.flushdb();
    const first = await openRedisStore(server().address(db));
    await fill(first);
    await first.close();
    await change(client);
    const told: BadRecord[] = [];
    const store = await openRedisStore(server().address(db), { onBadRecord: (bad) => told.push(bad) });
    onTestFinished(() => store.close());
    return { store, told, client };
  };
  const JOB = "HITAGI:JOB:2";
  const field = (name: string, at: string, value: string) => (redis: Redis) => redis.hset(name, at, value);
  const record = (changed: object) =>
    field("HITAGI:ARCHIVES", "victim", JSON.stringify({ ...archive("victim"), ...changed }));
  const list = (name: string) => async (redis: Redis) => {
    await redis.del(name);
    await redis.rpush(name, "x");
  };

  const changes: Change<Redis>[] = [
    ...FILES.map(
      ([what, file]): Change<Redis> => [`an archive whose file ${what}`, "archives", record({ file })],
    ),
    ["an archive that is no JSON", "archives", field("HITAGI:ARCHIVES", "victim", "{")],
    ["an archive that is null", "archives", field("HITAGI:ARCHIVES", "victim", "null")],
    ["an archive that is a number", "archives", field("HITAGI:ARCHIVES", "victim", "7")],
    ["an archive with another id", "archives", record({ id: "good" })],
    ["an archive without tags", "archives", record({ tags: undefined })],
    ["an archive whose title is a number", "archives", record({ title: 7 })],
    ["an archive whose size is a text", "archives", record({ size: "1" })],
    ["a registry of an unknown provider", "registries", field(REGISTRY, "provider", "x")],
    [
      "a registry whose failure is no JSON",
      "registries",
      field("HITAGI:REGISTRY:1700000009", "failure", "{"),
    ],
    ["a registry that is a list", "registries", list(REGISTRY)],
    ["a registry whose second key is a list", "registries", list("HITAGI:REGISTRY:1700000009")],
    ["a plugin whose setting is no JSON", "plugins", field("HITAGI:PLUGIN:VICTIM", "set:limit", "{")],
    ["a plugin whose grants are no JSON", "plugins", field("HITAGI:PLUGIN:VICTIM", "granted", "x")],
    ["a plugin with an unknown right", "plugins", field("HITAGI:PLUGIN:VICTIM", "granted", '{"run":true}')],
    ["a plugin that is a list", "plugins", list("LRR_PLUGIN_VICTIM")],
    ["a plugin whose second key is a list", "plugins", list("HITAGI:PLUGIN:VICTIM")],
    ["a version that is no JSON", "versions", field("HITAGI:VERSIONS:GOOD", sha("1"), "1 {")],
    ["a version of another hash", "versions", field("HITAGI:VERSIONS:GOOD", sha("1"), "1 {}")],
    ["a job in an unknown state", "jobs", field(JOB, "state", "x")],
    ["a job whose notes are no JSON", "jobs", field(JOB, "notes", "{")],
    ["a job whose priority is a text", "jobs", field(JOB, "priority", '"high"')],
    ["a job without a task", "jobs", (redis) => redis.hdel(JOB, "task")],
    ["a job that is a list", "jobs", list(JOB)],
    ["a report that is no JSON", "batches", field("HITAGI:BATCH:1", "victim", "x")],
    ["a key that is no JSON", "keys", field("HITAGI:KEYS", "victim", "2 {")],
    [
      "a key of an unknown scope",
      "keys",
      field("HITAGI:KEYS", "victim", `2 ${JSON.stringify({ ...key("victim"), scope: "root" })}`),
    ],
    ["a key whose last use is no number", "keys", field("HITAGI:KEYS:USED", "victim", "x")],
    [
      "an entry of the history that is no JSON",
      "history",
      async (redis) => {
        await redis.xdel("HITAGI:HISTORY", "2-0");
        await redis.del("HITAGI:HISTORY");
        await redis.xadd("HITAGI:HISTORY", "1-0", "entry", JSON.stringify(entry));
        await redis.xadd("HITAGI:HISTORY", "2-0", "entry", "{");
      },
    ],
  ];

  test.each(changes)("%s is left out and told once, and nothing else is", async (_what, kind, change) => {
    const { store, told } = await withVictim(change);
    await expectHidden(store, kind, told, /victim|VICTIM|1700000009|1{64}|JOB:2|HISTORY 2-0/);
    expect(told[0]?.remove).toMatch(/^(H|X)?DEL /);
  });

  const whole: [key: string, kinds: Kind[]][] = [
    ["HITAGI:ARCHIVES", ["archives"]],
    ["HITAGI:KEYS", ["keys"]],
    ["HITAGI:HISTORY", ["history"]],
    ["HITAGI:VERSIONS:GOOD", ["versions"]],
    ["HITAGI:BATCH:1", ["batches"]],
    ["LRR_CONFIG", []],
    ["HITAGI:CREDENTIAL:1700000009", []],
    ["HITAGI:INDEX:1700000009", []],
    ["REG_INDEX_1700000009", []],
    ["HITAGI:CACHE:GOOD", []],
    ["HITAGI:REQUESTS:GOOD", []],
    ["HITAGI:KNOWN:l", []],
    ["HITAGI:REGISTRY_IDS", []],
  ];

  test.each(whole)("%s of another type hides what is in it, and nothing else", async (name, kinds) => {
    const { store, told, client } = await withVictim(list(name));
    for (const kind of Object.keys(all) as Kind[]) {
      expect(await listed(store)[kind](), kind).toEqual(kinds.includes(kind) ? [] : all[kind]);
    }
    expect(await store.cache.get("good", "k", 1)).toBeUndefined();
    expect(await store.known.of("l")).toBeUndefined();
    expect(await store.catalog.meta(REGISTRY)).toBeUndefined();
    expect(await store.catalog.summaries(REGISTRY)).toEqual([]);
    expect(await store.keys.shared()).toBeUndefined();
    expect((await store.badRecords()).filter(({ place }) => place !== name)).toEqual([]);
    expect(told.filter(({ place }) => place !== name)).toEqual([]);
    expect(await client.type(name)).toBe("list");
  });

  test.each(["HITAGI:ARCHIVES:ORDER", "HITAGI:JOBS", "HITAGI:KEYS:USED", "HITAGI:KEYS:NAMES"])(
    "%s of another type is put aside and made again, and hides nothing",
    async (name) => {
      const { store, told, client } = await withVictim(list(name));
      for (const kind of Object.keys(all) as Kind[])
        expect(await listed(store)[kind](), kind).toEqual(all[kind]);
      const [aside = ""] = await client.keys("HITAGI:SET_ASIDE:*");
      expect(told.map(({ place }) => place)).toEqual([aside]);
      expect((await store.badRecords()).map(({ place }) => place)).toEqual([aside]);
      expect(await client.type(aside)).toBe("list");
    },
  );

  test("a bad row of a cached index is left out, and the others are not", async () => {
    const { store, told, client } = await withVictim(() => undefined);
    await fillIndex(store);
    expect(await offered(store)).toEqual(["one", "two"]);
    const key = "HITAGI:INDEX_ROWS:1700000000";
    const rows = (await client.get(key)) ?? "";
    await client.set(key, rows.replace('"versions":1', '"versions":"many"'));
    expect(await offered(store)).toEqual(["two"]);
    await client.set(key, `{\n${rows.split("\n")[1]}`);
    expect(await offered(store)).toEqual(["two"]);
    await client.del(key);
    expect(await offered(store)).toEqual([]);
    expect(told.map(({ place }) => place)).toEqual([`the rows in ${key}`, `the rows in ${key}`]);
    await client.hset("HITAGI:INDEX:1700000000", "refreshed", "never");
    expect(await store.catalog.meta(OTHER)).toBeUndefined();
    expect(told.at(-1)?.place).toBe("HITAGI:INDEX:1700000000");
    expect((await store.registries.list()).map(({ id, refreshed }) => [id, refreshed])).toEqual([
      [OTHER, undefined],
      [REGISTRY, undefined],
    ]);
  });

  test("a bad job does not keep workers from others, and is pruned with them", async () => {
    for (const change of [list("HITAGI:JOB:1"), field("HITAGI:JOB:1", "args", "x")]) {
      const { store, client } = await withVictim(change);
      expect(await store.shared?.claims.next(60_000)).toMatchObject({ job: { id: 2 } });
      await client.zadd("HITAGI:JOBS:ENDED", 5, "1");
      await store.jobs.prune(9);
      expect(await client.zcard("HITAGI:JOBS:ENDED")).toBe(0);
    }
  });

  test("is refused if it is a document, and is not replaced", async () => {
    const { store, client } = await withVictim((redis) =>
      redis.hset("HITAGI:DOCUMENTS", "victim", "1 {", "good", "1 1"),
    );
    await expectRefused(store, "HITAGI:DOCUMENTS victim");
    await list("HITAGI:DOCUMENTS")(client);
    await expect(store.documents.get("good")).rejects.toMatchObject({ code: "DOCUMENT_INVALID" });
  });

  test("is not changed by what would change a good one", async () => {
    const { store, client } = await withVictim(record({ file: "../secret" }));
    const before = await client.hget("HITAGI:ARCHIVES", "victim");
    expect(await store.archives.update("victim", { title: "new" })).toBe(false);
    expect(await store.archives.delete("victim")).toBe(false);
    expect(await store.archives.add(archive("victim"))).toBe(false);
    expect(await client.hget("HITAGI:ARCHIVES", "victim")).toBe(before);
  });
});
