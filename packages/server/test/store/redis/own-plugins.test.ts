import { describe, expect, test } from "vitest";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { besideLanraragi, sha } from "./lanraragi-database.ts";

const provenance = {
  path: "Hitagi/Metadata/CopyTags.pm",
  version: "0.1.0+0123456789ab",
  registry: null,
  sha256: sha("c"),
  type: "script" as const,
};

describe.skipIf(withoutRedis)("a plugin that only Hitagi runs", () => {
  const server = sharedRedis();
  /** LANraragi has settings and flags of this namespace, and its own plugin. */
  const world = async () => {
    const { store, client } = await besideLanraragi(server());
    await client.hset("LRR_PLUGIN_STOCK", {
      type: "metadata",
      enabled: "1",
      priority: "2",
      cookie: "theirs",
    });
    const commit = (expected: string | undefined, after: typeof provenance | undefined) =>
      store.plugins.commit({
        namespace: "stock",
        expect: expected,
        after: after && { provenance: after, granted: {} },
        now: 1,
      });
    const theirs = () => client.hgetall("LRR_PLUGIN_STOCK");
    return { store, client, commit, theirs };
  };

  test("is kept out of LANraragi's record of its namespace, through its whole life", async () => {
    const { store, client, commit, theirs } = await world();
    const before = await theirs();
    await commit(undefined, provenance);
    await store.plugins.register("stock", "script");
    await store.plugins.configure("stock", { enabled: true, hidden: true, priority: -1 });
    await store.plugins.set("stock", { cookie: "ours", other: 1 });
    await store.plugins.quarantine("stock", { reason: "r", since: 1 }, sha("c"));
    expect(await store.plugins.get("stock")).toMatchObject({
      ...{ type: "script", provenance, enabled: true, hidden: true, priority: -1 },
      settings: { cookie: "ours", other: 1 },
      quarantine: { reason: "r" },
    });
    await commit(sha("c"), { ...provenance, sha256: sha("d") });
    await commit(sha("d"), undefined);
    expect(await theirs()).toEqual(before);
    expect(await client.exists("LRR_PLUGIN_STOCK")).toBe(1);
  });

  test("does not begin enabled where LANraragi's plugin is, and reads the settings that its owner has made there", async () => {
    const { store, commit } = await world();
    await commit(undefined, provenance);
    expect(await store.plugins.get("stock")).toMatchObject({
      ...{ enabled: false, priority: 0, settings: { cookie: "theirs" } },
    });
  });

  test("makes no record for LANraragi where there is none", async () => {
    const { store, client } = await world();
    await store.plugins.commit({
      namespace: "new",
      expect: undefined,
      after: { provenance, granted: {} },
      now: 1,
    });
    await store.plugins.configure("new", { enabled: true });
    await store.plugins.set("new", { a: "b" });
    expect(await client.exists("LRR_PLUGIN_NEW")).toBe(0);
    expect((await store.plugins.list()).map(({ namespace }) => namespace)).toContain("new");
  });

  test("stays installed where LANraragi installs one of its namespace", async () => {
    const { store, client, commit } = await world();
    await commit(undefined, provenance);
    const installed = {
      installed_path: "LANraragi/Plugin/Managed/Metadata/Stock.pm",
      installed_sha256: sha("e"),
    };
    await client.hset("LRR_PLUGIN_STOCK", { ...installed, installed_version: "3.0.0" });
    expect(await store.plugins.get("stock")).toMatchObject({ provenance });
    await commit(sha("c"), { ...provenance, sha256: sha("d") });
    expect(await client.hgetall("LRR_PLUGIN_STOCK")).toMatchObject(installed);
  });
});
