import { toNamespace } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import type { Store } from "../../../src/store/types.ts";
import { openEndpoint } from "../../../src/store-copy/open.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { clientOf, opened } from "./world.ts";

const [a, b] = ["a".repeat(64), "b".repeat(64)];

const commit = (store: Store, namespace: string, sha256: string, expected?: string) =>
  store.plugins.commit({
    namespace: toNamespace(namespace),
    expect: expected,
    after: {
      provenance: {
        path: `Sideloaded/${namespace}.ts`,
        version: "1.0.0",
        registry: null,
        sha256,
        type: "script",
      },
      granted: {},
    },
    now: 1,
  });

describe.skipIf(withoutRedis)("the reference index of a Redis that other programs write to", () => {
  const server = sharedRedis();
  let database = 0;
  const world = async (settings: { bytesElsewhere?: boolean } = {}) => {
    const db = ++database;
    const client = clientOf(server(), db);
    const store = await opened(server(), db, settings);
    const put = (sha256: string) => store.shared?.artifacts.put(sha256, Buffer.from("bytes"), "{}");
    return { store, client, put };
  };

  test("records of a database without the index, and of LANraragi, are indexed", async () => {
    const { store, client } = await world();
    await commit(store, "mine", a);
    await client.del("HITAGI:NAMED");
    const fields = ["installed_path", "LANraragi/Plugin/Managed/Scripts/Theirs.pm", "installed_sha256", b];
    await client.hset("LRR_PLUGIN_THEIRS", ...fields);
    await client.set("LRR_PLUGIN_TEXT", "no record");
    await store.plugins.notice?.();
    expect([...(await store.plugins.named([a, b]))].sort()).toEqual([a, b]);
    expect(await store.plugins.ownersOf("Managed/Scripts/theirs.pm")).toEqual(["theirs"]);
    await client.hset("LRR_PLUGIN_MINE", "installed_sha256", b);
    await client.del("LRR_PLUGIN_THEIRS");
    expect([...(await store.plugins.named([a, b]))]).toEqual([a]);
    await store.plugins.notice?.(["mine"]);
    expect([...(await store.plugins.named([b]))]).toEqual([b]);
  });

  test("records that are copied into a database are indexed, and clearing it removes the index", async () => {
    const { store } = await world();
    await commit(store, "mine", a);
    await commit(store, "mine", b, a);
    const [plugin, versions] = [await store.plugins.get("mine"), await store.plugins.versions("mine")];
    if (!plugin) throw new Error("it was committed");
    const address = server().address(++database);
    const end = await openEndpoint(address, "target", { readIndex: async () => undefined });
    await end.port.kinds.plugins.put([plugin]);
    await end.port.kinds.versions.put(versions.map((version) => ({ namespace: "mine", ...version })));
    await end.close();
    const copy = await opened(server(), database);
    expect([...(await copy.plugins.named([a, b]))].sort()).toEqual([a, b]);
    expect(await copy.plugins.ownersOf("Sideloaded/mine.ts")).toEqual(["mine"]);
    const again = await openEndpoint(address, "target", { readIndex: async () => undefined });
    await again.port.clear();
    await again.close();
    expect(await clientOf(server(), database).exists("HITAGI:NAMED")).toBe(0);
  });

  test("bytes of a version that LANraragi restored stay, even before it is indexed", async () => {
    const { store, client, put } = await world();
    await put(a);
    await commit(store, "mine", a);
    await commit(store, "mine", b, a);
    await client.hset("LRR_PLUGIN_MINE", "installed_sha256", a);
    await client.del("HITAGI:NAMED");
    expect(await store.plugins.prune("mine", 1)).toEqual([]);
    expect(await store.shared?.artifacts.has(a)).toBe(true);
  });

  test("a pruning removes the bytes in the same step", async () => {
    const { store, client, put } = await world();
    await put(a);
    await commit(store, "mine", a);
    await commit(store, "mine", b, a);
    expect(await store.plugins.prune("mine", 1)).toEqual([a]);
    expect(await store.shared?.artifacts.has(a)).toBe(false);
    expect(await client.exists("HITAGI:UNRECORDED")).toBe(0);
  });

  test("a pruning leaves bytes that another server is about to record", async () => {
    const { store, put } = await world();
    await put(a);
    await commit(store, "mine", a);
    await commit(store, "mine", b, a);
    await store.shared?.pendingArtifacts.note(a);
    expect(await store.plugins.prune("mine", 1)).toEqual([a]);
    expect(await store.shared?.artifacts.has(a)).toBe(true);
    expect(await store.shared?.pendingArtifacts.list(0)).toEqual([a]);
  });

  test("if bytes are shared elsewhere, a pruning notes them for the garbage collection", async () => {
    const { store } = await world({ bytesElsewhere: true });
    await commit(store, "mine", a);
    await commit(store, "mine", b, a);
    await store.plugins.prune("mine", 1);
    expect(await store.shared?.pendingArtifacts.list(0)).toEqual([a]);
  });

  test("a reference does not match another one with the same prefix", async () => {
    const { store, client } = await world();
    await client.hset(
      "LRR_PLUGIN_ONE",
      "installed_path",
      "LANraragi/Plugin/Sideloaded/a b.ts",
      "installed_sha256",
      "a b",
    );
    await store.plugins.notice?.();
    expect(await store.plugins.ownersOf("Sideloaded/a")).toEqual([]);
    expect([...(await store.plugins.named(["a"]))]).toEqual([]);
    expect(await store.plugins.ownersOf("Sideloaded/A b.ts")).toEqual(["one"]);
    expect([...(await store.plugins.named(["a b"]))]).toEqual(["a b"]);
  });
});
