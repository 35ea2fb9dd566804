import { describe, expect, test } from "vitest";
import { openNode } from "../cluster/open-node.ts";
import { clientOf } from "../store/redis/world.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { publication, serveSigned } from "../support/signed-registry.ts";

describe.skipIf(withoutRedis)("a signed registry in a Redis that another program writes to", () => {
  const redis = sharedRedis();

  /** A node with a registry whose first head it accepted, and what replaces LANraragi's copy of its index. */
  const opened = async (db: number) => {
    const node = await openNode(redis().address(db));
    const source = await serveSigned();
    const { id } = await node.registries.create({ name: "r", provider: "cdn", url: source.url });
    const versions = async (of = node) =>
      Object.keys((await of.store.catalog.entry(id, "echo"))?.versions ?? {});
    const write = (index: Buffer) => clientOf(redis(), db).set(`REG_INDEX_${id.slice("REG_".length)}`, index);
    return { node, source, id, versions, write };
  };

  test("an index that was written there is never read, by this server or another, and LANraragi keeps its own copy", async () => {
    const { node, source, id, versions, write } = await opened(1);
    const first = publication();
    source.show(first);
    await node.catalog.refresh(id);
    await write(publication({ offers: { echo: { "6.6.6": "bad" } } }).index);
    expect(await versions()).toEqual(["1.0.0"]);
    expect(await versions(await openNode(redis().address(1)))).toEqual(["1.0.0"]);
    expect(await node.store.catalog.document(id)).toEqual(first.index);
    await node.catalog.refresh(id);
    expect(await versions()).toEqual(["1.0.0"]);
  });

  test("a registry that is pinned, and has no accepted head yet, offers nothing that was written there", async () => {
    const { node, id, versions, write } = await opened(2);
    await node.store.trust.setPin(id, { registry: id, fingerprint: "a".repeat(64), since: 1 });
    await write(publication().index);
    expect(await versions()).toEqual([]);
    expect(await node.store.catalog.meta(id)).toBeUndefined();
  });
});
