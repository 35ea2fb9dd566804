import { toNamespace } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { besideLanraragi, sha } from "./lanraragi-database.ts";

describe.skipIf(withoutRedis)("LANraragi's records of plugins", () => {
  const server = sharedRedis();
  const world = () => besideLanraragi(server());

  test("each flag, setting and path of its records is read", async () => {
    const { store } = await world();
    expect(await store.plugins.get(toNamespace("CopyTags"))).toEqual({
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

  test("a key of another type with a plugin's name does not keep records from being read", async () => {
    const { store, client } = await world();
    const before = await store.plugins.list();
    await client.set("LRR_PLUGIN_STRAY", "text");
    expect(await store.plugins.list()).toEqual(before);
    expect(await store.plugins.get("stray")).toBeUndefined();
  });

  test("a missing type is added to a record, and an existing one is not changed", async () => {
    const { store, client } = await world();
    await store.plugins.register("builtin", "script");
    await store.plugins.register("copytags", "script");
    expect(await client.hget("LRR_PLUGIN_BUILTIN", "type")).toBe("script");
    expect(await client.hget("LRR_PLUGIN_COPYTAGS", "type")).toBe("metadata");
    expect(await store.plugins.get("builtin")).toMatchObject({ type: "script", enabled: true });
  });

  test("settings in LANraragi's Latin-1 are read, whether they were set here before or not", async () => {
    const { store, client } = await world();
    await store.plugins.set("copytags", { kept: "blå, ü", changed: "a" });
    const latin1 = (text: string) => Buffer.from(text, "latin1");
    const every = Array.from({ length: 96 }, (_, n) => String.fromCharCode(0xa0 + n)).join("");
    await client.hset("LRR_PLUGIN_COPYTAGS", "kept", latin1("blå, ü"), "changed", latin1("wörd"));
    await client.hset("LRR_PLUGIN_COPYTAGS", "theirs", latin1(every), "utf8", "日本 é 𝄞");
    expect((await store.plugins.get("copytags"))?.settings).toEqual({
      ...{ copy_date: "1", kept: "blå, ü", changed: "wörd", theirs: every, utf8: "日本 é 𝄞" },
    });
  });

  test("a sideloaded plugin keeps its file where a start of LANraragi writes the path of its package", async () => {
    const { store, client } = await world();
    const path = "Sideloaded/Own.pm";
    const provenance = { path, version: "0.1", registry: null, sha256: sha("e"), type: "script" as const };
    await store.plugins.commit({
      namespace: "own",
      expect: undefined,
      after: { provenance, granted: {} },
      now: 1,
    });
    await client.hset(
      "LRR_PLUGIN_OWN",
      "installed_path",
      "LANraragi/Plugin/Scripts/Own.pm",
      "type",
      "script",
    );
    expect((await store.plugins.get("own"))?.provenance).toEqual(provenance);
    expect(await store.plugins.ownersOf(path)).toEqual(["own"]);
    await store.plugins.commit({ namespace: "own", expect: sha("e"), after: undefined, now: 2 });
    expect((await store.plugins.get("own"))?.provenance).toBeUndefined();
  });

  test("an upgrade of a Perl plugin asks for LANraragi's restart, as LANraragi's own does, and nothing else does", async () => {
    const { store, client } = await world();
    await client.del("LRR_SERVER");
    const commit = (name: string, before: string | undefined, sha256: string) =>
      store.plugins.commit({
        namespace: toNamespace(name.slice(0, name.indexOf("."))),
        expect: before,
        after: {
          provenance: {
            path: `Sideloaded/${name}`,
            version: "2.0.0",
            registry: null,
            sha256,
            type: "script",
          },
          granted: {},
        },
        now: 1,
      });
    const pending = () => client.hget("LRR_SERVER", "restart_pending");
    await commit("one.pm", undefined, sha("1"));
    await commit("one.pm", sha("1"), sha("1"));
    await commit("two.ts", undefined, sha("2"));
    await commit("two.ts", sha("2"), sha("3"));
    expect(await pending()).toBeNull();
    await commit("one.pm", sha("1"), sha("4"));
    expect(await pending()).toBe("1");
    await client.del("LRR_SERVER");
    await client.set("LRR_SERVER", "of another type");
    await commit("one.pm", sha("4"), sha("5"));
    expect((await store.plugins.get("one"))?.provenance?.sha256).toBe(sha("5"));
  });

  test("the flags of an installed plugin without a type are refused, as LANraragi refuses them", async () => {
    const { store, client } = await world();
    await client.hdel("LRR_PLUGIN_COPYTAGS", "type");
    const before = await client.hgetall("LRR_PLUGIN_COPYTAGS");
    await expect(store.plugins.configure("copytags", { enabled: false })).rejects.toMatchObject({
      code: "PLUGIN_RECORD_BROKEN",
      status: 500,
    });
    expect(await client.hgetall("LRR_PLUGIN_COPYTAGS")).toEqual(before);
    await store.plugins.register("copytags", "metadata");
    await store.plugins.configure("copytags", { enabled: false });
    expect(await store.plugins.get("copytags")).toMatchObject({ enabled: false });
  });

  test("those of a plugin without provenance are kept: LANraragi drops the types of plugins that it does not know", async () => {
    const { store, client } = await world();
    await store.plugins.register("builtin", "metadata");
    await client.hdel("LRR_PLUGIN_BUILTIN", "type");
    await store.plugins.configure("builtin", { enabled: true, priority: 2 });
    expect(await store.plugins.get("builtin")).toMatchObject({ enabled: true, priority: 2 });
  });

  test("the flags of a builtin that LANraragi has too need a type", async () => {
    const { store, client } = await world();
    await store.plugins.register("copy-archive-tags", "metadata");
    await store.plugins.configure("copy-archive-tags", { hidden: true });
    await client.hdel("LRR_PLUGIN_COPY-ARCHIVE-TAGS", "type");
    await expect(store.plugins.configure("copy-archive-tags", { hidden: false })).rejects.toMatchObject({
      code: "PLUGIN_RECORD_BROKEN",
    });
  });

  test("a file that its owner put into Sideloaded has LANraragi's path, and no provenance", async () => {
    const { store, client } = await world();
    await store.plugins.register("mine", "metadata", "Sideloaded/Mine.pm");
    const fields = { type: "metadata", installed_path: "LANraragi/Plugin/Sideloaded/Mine.pm" };
    expect(await client.hgetall("LRR_PLUGIN_MINE")).toEqual(fields);
    expect((await store.plugins.get("mine"))?.provenance).toBeUndefined();
  });

  test("a plugin whose type is missing or unknown stays installed, and can be replaced", async () => {
    const { store, client } = await world();
    await store.plugins.register("copytags", "metadata");
    const provenance = { path: "Managed/Metadata/CopyTags.pm", registry: null, type: "metadata" as const };
    const commit = (expect: string, sha256: string) =>
      store.plugins.commit({
        namespace: "copytags",
        expect,
        after: { provenance: { ...provenance, version: "2.0.0", sha256 }, granted: {} },
        now: 1,
      });
    await commit(sha("a"), sha("c"));
    await client.hdel("LRR_PLUGIN_COPYTAGS", "type");
    expect(await store.plugins.get("copytags")).toMatchObject({ type: "metadata", provenance });
    await commit(sha("c"), sha("d"));
    await client.hset("LRR_PLUGIN_COPYTAGS", "type", "none");
    expect(await store.plugins.get("copytags")).toMatchObject({ type: "metadata", provenance });
    await commit(sha("d"), sha("e"));
    expect(await client.hget("LRR_PLUGIN_COPYTAGS", "type")).toBe("metadata");
  });

  test("an incomplete record counts as none, also for an install", async () => {
    const { store, client } = await world();
    const halves: [string, string][] = [
      ["type", ""],
      ["installed_version", ""],
      ["installed_path", ""],
    ];
    for (const [field, value] of halves) {
      await client.hset("LRR_PLUGIN_COPYTAGS", field, value);
      expect(await store.plugins.get("copytags")).toMatchObject({ provenance: undefined });
    }
    const provenance = {
      path: "Managed/Metadata/CopyTags.pm",
      version: "2.0.0",
      registry: null,
      sha256: sha("c"),
      type: "metadata" as const,
    };
    const after = { provenance, granted: {} };
    await store.plugins.commit({ namespace: "copytags", expect: undefined, after, now: 1 });
    expect(await store.plugins.get("copytags")).toMatchObject({ provenance });
  });

  test("LANraragi can read what Hitagi writes, and its other fields stay", async () => {
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

  test("a setting that LANraragi changed or removed has its value", async () => {
    const { store, client } = await world();
    await store.plugins.set("copytags", { copy_date: true, limit: 5, gone: "x" });
    await client.hset("LRR_PLUGIN_COPYTAGS", "limit", "7");
    await client.hdel("LRR_PLUGIN_COPYTAGS", "gone");
    expect((await store.plugins.get("copytags"))?.settings).toEqual({ copy_date: true, limit: "7" });
    await store.plugins.set("copytags", { limit: null });
    expect(await client.hexists("LRR_PLUGIN_COPYTAGS", "limit")).toBe(0);
  });
});
