import { describe, expect, test } from "vitest";
import { readCachedIndex } from "../../../src/catalog/read-cached.ts";
import { createSearch } from "../../../src/catalog/search.ts";
import type { RedisStoreOptions } from "../../../src/store/redis/open.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { clientOf, opened } from "./world.ts";

const sha = (digit: string): string => digit.repeat(64);

const indexOf = (versions: Record<string, string[]>, generated_at = "2026-01-02T03:04:05Z"): string =>
  JSON.stringify({
    version: 1,
    generated_at,
    plugins: Object.fromEntries(
      Object.entries(versions).map(([namespace, numbers]) => [
        namespace,
        {
          namespace,
          type: "metadata",
          versions: Object.fromEntries(
            numbers.map((version) => [
              version,
              {
                version,
                name: `Näme of ${namespace}`,
                author: "a",
                description: "漫画",
                artifact: `${namespace}.pm`,
                sha256: sha("b"),
                published_at: "2026-01-02T03:04:05Z",
              },
            ]),
          ),
        },
      ]),
    ),
  });

/** What LANraragi leaves in its database of configuration, written by hand as its source has it. */
const lanraragis = async (client: ReturnType<typeof clientOf>): Promise<void> => {
  await client.hset("LRR_CONFIG", { apikey: "sécret", ougi: "REG_1700000000", motd: "Welcome" });
  await client.hset("LRR_SERVER", { restart_pending: "1" });
  await client.hset("REG_1700000000", {
    name: "Köllection",
    provider: "github",
    url: "https://github.com/owner/repo",
    ref: "main",
    path: "",
    created: "1700000000",
    updated: "1700000100",
    theirs: "kept",
  });
  await client.set("REG_INDEX_1700000000", indexOf({ copytags: ["1.0.0", "1.1.0"], other: ["0.1.0"] }));
  await client.hset("REG_1600000000", {
    name: "old",
    provider: "local",
    path: "/srv/r",
    created: "1600000000",
  });
  await client.hset("REG_1500000000", { name: "?", provider: "ftp" });
  await client.hset("LRR_PLUGIN_COPYTAGS", {
    installed_path: "LANraragi/Plugin/Managed/Metadata/CopyTags.pm",
    installed_version: "1.0.0",
    installed_registry: "REG_1700000000",
    installed_sha256: sha("a"),
    type: "metadata",
    enabled: "1",
    hidden: "0",
    priority: "3",
    customargs: '["x"]',
    copy_date: "1",
  });
  await client.hset("LRR_PLUGIN_BUILTIN", { enabled: "1", customargs: "[]" });
};

describe.skipIf(withoutRedis)("LANraragi's own layout", () => {
  const server = sharedRedis();
  let databases = 0;
  const world = async (options: RedisStoreOptions = {}) => {
    const db = databases++;
    const client = clientOf(server(), db);
    await lanraragis(client);
    return { client, db, store: await opened(server(), db, { readIndex: readCachedIndex, ...options }) };
  };

  test("its registries are listed oldest first, with the default; what is no registry is passed by", async () => {
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

  test("its cached index is searched and resolved as our own, and made ours when it changes", async () => {
    let seconds = 1_800_000_000;
    const { store, client } = await world({ now: () => seconds++ });
    const id = "REG_1700000000";
    expect((await store.catalog.summaries(id)).map((s) => `${s.namespace} ${s.version}`)).toEqual([
      "copytags 1.1.0",
      "other 0.1.0",
    ]);
    expect(Object.keys((await store.catalog.entry(id, "CopyTags"))?.versions ?? {})).toEqual([
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

  test("what LANraragi's check let through and ours does not is left out, and its own copy stays as it was", async () => {
    const { store, client } = await world();
    const id = "REG_1700000000";
    const mixed = `\ufeff${indexOf({ "Bad Name": ["1.0.0"], good: ["1.0.0"], worse: ["1.0"] })}`;
    await client.set("REG_INDEX_1700000000", mixed);
    expect((await store.catalog.summaries(id)).map((s) => s.namespace)).toEqual(["good"]);
    expect(await store.catalog.entry(id, "good")).toMatchObject({ namespace: "good" });
    expect(await store.catalog.meta(id)).toMatchObject({ plugins: 1, skippedCount: 2 });
    expect(await client.get("REG_INDEX_1700000000")).toBe(mixed);
    await client.set("REG_INDEX_1700000000", "no JSON at all");
    expect(await store.catalog.meta(id)).toBeUndefined();
    expect(await store.catalog.summaries(id)).toEqual([]);
  });

  test("a document that was changed behind our back without a trace at its ends is found at the next start", async () => {
    const { store, client, db } = await world();
    const id = "REG_1700000000";
    const long = indexOf(Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`p${n}`, ["1.0.0"]])));
    await client.set("REG_INDEX_1700000000", long);
    expect(await store.catalog.summaries(id)).toHaveLength(30);
    const at = long.indexOf('"p15"') + 1;
    await client.setrange("REG_INDEX_1700000000", Buffer.byteLength(long.slice(0, at)), "q15");
    await store.close();
    const again = await opened(server(), db, { readIndex: readCachedIndex });
    expect(await again.catalog.entry(id, "p15")).toBeUndefined();
    expect(await again.catalog.summaries(id)).toHaveLength(29);
  });

  test("its plugins' records are read, each flag, setting and path", async () => {
    const { store } = await world();
    expect(await store.plugins.get("CopyTags")).toEqual({
      namespace: "copytags",
      type: "metadata",
      provenance: {
        path: "Managed/Metadata/CopyTags.pm",
        version: "1.0.0",
        registry: "REG_1700000000",
        sha256: sha("a"),
        type: "metadata",
      },
      settings: { copy_date: "1" },
      secrets: {},
      enabled: true,
      hidden: false,
      priority: 3,
      granted: {},
      quarantine: undefined,
    });
    const listed = (await store.plugins.list()).map(({ namespace, type }) => [namespace, type]);
    expect(listed).toEqual([
      ["builtin", undefined],
      ["copytags", "metadata"],
    ]);
  });

  test("a key of another kind with a plugin's name keeps no record from being read", async () => {
    const { store, client } = await world();
    const before = await store.plugins.list();
    await client.set("LRR_PLUGIN_STRAY", "text");
    expect(await store.plugins.list()).toEqual(before);
    expect(await store.plugins.get("stray")).toBeUndefined();
  });

  test("nor does one that begins like a registry's", async () => {
    const { store, client } = await world();
    const before = await store.registries.list();
    await client.set("REG_BACKUP_1ST", "text");
    expect(await store.registries.list()).toEqual(before);
  });

  test("a missing type is healed in its record, and a type that is there is not changed", async () => {
    const { store, client } = await world();
    await store.plugins.register("builtin", "script");
    await store.plugins.register("copytags", "script");
    expect(await client.hget("LRR_PLUGIN_BUILTIN", "type")).toBe("script");
    expect(await client.hget("LRR_PLUGIN_COPYTAGS", "type")).toBe("metadata");
    expect(await store.plugins.get("builtin")).toMatchObject({ type: "script", enabled: true });
  });

  test("what we write is as LANraragi reads it, and its other fields stay", async () => {
    const { store, client } = await world();
    const provenance = {
      path: "Managed/Metadata/CopyTags.pm",
      version: "2.0.0",
      registry: "REG_1700000000",
      sha256: sha("c"),
      type: "metadata" as const,
    };
    const after = { provenance, granted: { net: ["example.org"] } };
    await store.plugins.commit({ namespace: "copytags", expect: sha("a"), after, now: 1 });
    await store.plugins.configure("copytags", { enabled: false, hidden: true, priority: -2 });
    const values = {
      copy_date: false,
      limit: 5,
      token: "s3cret",
      text: "漫",
      type: "a parameter of that name",
    };
    await store.plugins.set("copytags", values, { token: "REG_1700000000" });
    expect(await client.hgetall("LRR_PLUGIN_COPYTAGS")).toEqual({
      installed_path: "LANraragi/Plugin/Managed/Metadata/CopyTags.pm",
      installed_version: "2.0.0",
      installed_registry: "REG_1700000000",
      installed_sha256: sha("c"),
      type: "metadata",
      enabled: "0",
      hidden: "1",
      priority: "-2",
      customargs: '["x"]',
      copy_date: "0",
      limit: "5",
      text: "漫",
    });
    expect((await store.plugins.get("copytags"))?.settings).toEqual(values);
    await store.plugins.commit({ namespace: "copytags", expect: sha("c"), after: undefined, now: 2 });
    expect(await client.hgetall("LRR_PLUGIN_COPYTAGS")).toEqual({
      enabled: "0",
      hidden: "1",
      priority: "-2",
      customargs: '["x"]',
      copy_date: "0",
      limit: "5",
      text: "漫",
    });
    expect(await store.plugins.get("copytags")).toMatchObject({ type: "metadata", provenance: undefined });
  });

  test("a setting that LANraragi changed or removed is as it left it", async () => {
    const { store, client } = await world();
    await store.plugins.set("copytags", { copy_date: true, limit: 5, gone: "x" });
    await client.hset("LRR_PLUGIN_COPYTAGS", "limit", "7");
    await client.hdel("LRR_PLUGIN_COPYTAGS", "gone");
    expect((await store.plugins.get("copytags"))?.settings).toEqual({ copy_date: true, limit: "7" });
    await store.plugins.set("copytags", { limit: null });
    expect(await client.hexists("LRR_PLUGIN_COPYTAGS", "limit")).toBe(0);
  });

  test("a registry keeps the fields that are not ours, and loses those of another provider", async () => {
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

  test("an id that LANraragi took is not given again, also not after its registry was deleted here", async () => {
    const { store } = await world();
    const made = await store.registries.create({ name: "n", provider: "local", path: "/" }, 1_700_000_000);
    expect(made.id).toBe("REG_1699999999");
    await store.registries.delete("REG_1700000000");
    const next = await store.registries.create({ name: "n", provider: "local", path: "/" }, 1_700_000_000);
    expect(next.id).toBe("REG_1699999998");
  });

  test("all that is ours and not LANraragi's stands under one prefix", async () => {
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
