import { toNamespace } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import { readCachedIndex } from "../../../src/catalog/index-check.ts";
import { createSearch } from "../../../src/catalog/search.ts";
import type { RedisStoreOptions } from "../../../src/store/redis/open.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { besideLanraragi, indexOf } from "./lanraragi-database.ts";
import { opened } from "./world.ts";

describe.skipIf(withoutRedis)("LANraragi's registries and indexes", () => {
  const server = sharedRedis();
  const world = (options: RedisStoreOptions = {}) => besideLanraragi(server(), options);

  test("its registries are listed oldest first, with the default; other keys are ignored", async () => {
    const { store } = await world();
    expect(await store.registries.list()).toEqual([
      {
        id: "REG_1600000000",
        name: "old",
        provider: "local",
        path: "/srv/r",
        created: 1_600_000_000,
        updated: 1_600_000_000,
      },
      {
        id: "REG_1700000000",
        name: "Köllection",
        provider: "github",
        url: "https://github.com/owner/repo",
        ref: "main",
        created: 1_700_000_000,
        updated: 1_700_000_100,
      },
    ]);
    expect(await store.registries.getDefault()).toBe("REG_1700000000");
    expect(await store.keys.shared()).toBe("sécret");
  });

  test("its cached index is searched and resolved like our own, and read again when it changes", async () => {
    let seconds = 1_800_000_000;
    const { store, client } = await world({ now: () => seconds++ });
    const id = "REG_1700000000";
    expect((await store.catalog.summaries(id)).map((s) => `${s.namespace} ${s.version}`)).toEqual([
      "copytags 1.1.0",
      "other 0.1.0",
    ]);
    expect(Object.keys((await store.catalog.entry(id, toNamespace("CopyTags")))?.versions ?? {})).toEqual([
      "1.0.0",
      "1.1.0",
    ]);
    expect(await store.catalog.entry(id, "absent")).toBeUndefined();
    expect(await store.registries.get(id)).toMatchObject({ plugins: 2 });
    const changed = indexOf({ copytags: ["1.0.0", "1.2.0"], other: ["0.1.0"] }, "2026-02-02T03:04:05Z");
    expect(changed.length).toBe(indexOf({ copytags: ["1.0.0", "1.1.0"], other: ["0.1.0"] }).length);
    await client.set("REG_INDEX_1700000000", changed);
    expect(await store.registries.get(id)).not.toHaveProperty("plugins");
    expect(await store.catalog.meta(id)).toMatchObject({ generated_at: "2026-02-02T03:04:05Z", plugins: 2 });
    expect(Object.keys((await store.catalog.entry(id, "copytags"))?.versions ?? {})).toEqual([
      "1.0.0",
      "1.2.0",
    ]);
    expect((await store.catalog.document(id))?.toString()).toBe(changed);
    const { search } = createSearch({ store, installed: () => undefined, listInstalled: () => [] });
    const found = async () => {
      const { items } = await search({ q: "copytags", page: 1, size: 10 });
      return items.map(({ version }) => version);
    };
    expect(await found()).toEqual(["1.2.0"]);
    await client.set("REG_INDEX_1700000000", indexOf({ copytags: ["1.3.0"] }, "2026-03-02T03:04:05Z"));
    expect(await found()).toEqual(["1.3.0"]);
    await client.del("REG_INDEX_1700000000");
    expect(await store.catalog.meta(id)).toBeUndefined();
    expect(await store.catalog.entry(id, "copytags")).toBeUndefined();
  });

  test("the index of a registry whose record has no times is cached, until the registry is gone", async () => {
    const { store, client } = await world();
    const id = "REG_1500000000";
    await client.hset(id, "name", "by hand", "provider", "local", "path", "/r");
    const { updated = 0 } = (await store.registries.get(id)) ?? {};
    const meta = { generated_at: "2026-01-02T03:04:05Z", refreshed: 1, plugins: 0 };
    await store.catalog.replace(id, updated, meta, Buffer.from("{}"), []);
    expect(await store.registries.get(id)).toMatchObject({ plugins: 0, refreshed: 1 });
    await client.hset(id, "updated", "1500000001.5");
    await store.catalog.replace(id, updated, meta, Buffer.from("{}"), []);
    const old = store.catalog.replace(id, updated + 1, meta, Buffer.from("{}"), []);
    await expect(old).rejects.toMatchObject({ code: "REGISTRY_NOT_FOUND" });
    await client.del(id);
    const gone = store.catalog.replace(id, updated, meta, Buffer.from("{}"), []);
    await expect(gone).rejects.toMatchObject({ code: "REGISTRY_NOT_FOUND" });
  });

  test("entries that only LANraragi accepts are corrected or skipped, and its copy stays as it is", async () => {
    const { store, client } = await world();
    const id = "REG_1700000000";
    const mixed = `\ufeff${indexOf({ "Bad Name": ["1.0.0"], good: ["1.0.0"], worse: ["1.0"] })}`;
    await client.set("REG_INDEX_1700000000", mixed);
    expect((await store.catalog.summaries(id)).map((s) => s.namespace)).toEqual(["good", "worse"]);
    expect(await store.catalog.entry(id, "good")).toMatchObject({ namespace: "good" });
    expect(await store.catalog.meta(id)).toMatchObject({ plugins: 2, skippedCount: 2 });
    expect(await client.get("REG_INDEX_1700000000")).toBe(mixed);
    await client.set("REG_INDEX_1700000000", "no JSON at all");
    expect(await store.catalog.meta(id)).toBeUndefined();
    expect(await store.catalog.summaries(id)).toEqual([]);
  });

  test("a document that was changed only in its middle is noticed at the next start", async () => {
    const { store, client, db } = await world();
    const id = "REG_1700000000";
    const long = indexOf(Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`p${n}`, ["1.0.0"]])));
    await client.set("REG_INDEX_1700000000", long);
    expect(await store.catalog.summaries(id)).toHaveLength(30);
    const at = long.indexOf('"author":"a"', long.indexOf('"p15"')) + '"author":"'.length;
    await client.setrange("REG_INDEX_1700000000", Buffer.byteLength(long.slice(0, at)), "b");
    await store.close();
    const again = await opened(server(), db, { readIndex: readCachedIndex });
    expect((await again.catalog.entry(id, "p15"))?.versions["1.0.0"]).toMatchObject({ author: "b" });
    expect((await again.catalog.entry(id, "p14"))?.versions["1.0.0"]).toMatchObject({ author: "a" });
  });

  test("a key of another type with the prefix of registries does not keep registries from being read", async () => {
    const { store, client } = await world();
    const before = await store.registries.list();
    await client.set("REG_BACKUP_1ST", "text");
    expect(await store.registries.list()).toEqual(before);
  });

  test("an update keeps unknown fields, and removes those of another provider", async () => {
    const { store, client } = await world();
    const fields = { name: "n", provider: "cdn" as const, url: "https://e.org", folder: "f", lenient: true };
    await store.registries.update("REG_1700000000", fields, true, 1_800_000_000);
    expect(await client.hgetall("REG_1700000000")).toEqual({
      name: "n",
      provider: "cdn",
      url: "https://e.org",
      created: "1700000000",
      updated: "1800000000",
      theirs: "kept",
    });
    expect(await client.exists("REG_INDEX_1700000000")).toBe(0);
    await store.registries.delete("REG_1700000000");
    expect(await client.hgetall("LRR_CONFIG")).toEqual({ apikey: "sécret", motd: "Welcome" });
    expect(await client.hgetall("LRR_SERVER")).toEqual({ restart_pending: "1" });
  });

  test("a name in LANraragi's Latin-1 is read, and written so that LANraragi reads it", async () => {
    const { store, client } = await world();
    const id = "REG_1600000000";
    await client.hset(id, "name", Buffer.from("Café Ü", "latin1"));
    expect(await store.registries.get(id)).toMatchObject({ name: "Café Ü" });
    const source = { provider: "local" as const, path: "/srv/é" };
    const rename = async (name: string) => {
      await store.registries.update(id, { name, ...source }, false, 1_800_000_000);
      expect(await store.registries.get(id)).toMatchObject({ name, ...source });
      return client.hgetBuffer(id, "name");
    };
    expect(await rename("Crème")).toEqual(Buffer.from("Crème", "latin1"));
    for (const name of ["plain", "漫画", "Č", "Ã©", "é漫"]) {
      expect(await rename(name)).toEqual(Buffer.from(name));
    }
    expect(await client.hget(id, "path")).toBe("/srv/é");
  });

  test("an id that LANraragi used is not given again, even after its registry is deleted here", async () => {
    const { store } = await world();
    const made = await store.registries.create({ name: "n", provider: "local", path: "/" }, 1_700_000_000);
    expect(made.id).toBe("REG_1699999999");
    await store.registries.delete("REG_1700000000");
    const next = await store.registries.create({ name: "n", provider: "local", path: "/" }, 1_700_000_000);
    expect(next.id).toBe("REG_1699999998");
  });

  test("all keys that only Hitagi uses have one prefix", async () => {
    const { store, client } = await world();
    const before = new Set(await client.keys("*"));
    const actor = { kind: "cli", key: null } as const;
    await store.jobs.create({ task: "t", args: [], actor, priority: 0, notes: {} }, 1);
    await store.cache.set("copytags", "k", "v", 4_000_000_000);
    await store.registries.note("REG_1700000000", { moved: "https://e.org" });
    await store.catalog.summaries("REG_1700000000");
    await store.plugins.grant("copytags", {});
    const made = (await client.keys("*")).filter((key) => !before.has(key));
    expect(made.length).toBeGreaterThan(5);
    expect(made.filter((key) => !key.startsWith("HITAGI:"))).toEqual([]);
  });
});
