import { describe, expect, test } from "vitest";
import { openNode } from "../cluster/open-node.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { publication, serveSigned } from "../support/signed-registry.ts";

const two = { echo: { "1.0.0": "one", "2.0.0": "two" } };

describe.skipIf(withoutRedis)("two nodes that are shown different heads of a registry", () => {
  const redis = sharedRedis();

  /** Two nodes on one store, with a registry whose first head the first one accepted. */
  const opened = async (db: number) => {
    const [node, other] = [await openNode(redis().address(db)), await openNode(redis().address(db))];
    const source = await serveSigned();
    const { id } = await node.registries.create({ name: "r", provider: "cdn", url: source.url });
    const first = publication();
    source.show(first);
    await node.catalog.refresh(id);
    const versions = async (of = node) =>
      Object.keys((await of.store.catalog.entry(id, "echo"))?.versions ?? {});
    return { node, other, source, id, first, versions };
  };

  test("accept the later one, and neither takes it back", async () => {
    const { node, other, source, id, first, versions } = await opened(1);
    source.show(publication({ after: first, offers: two }));
    await other.catalog.refresh(id);
    source.show(first);
    await expect(node.catalog.refresh(id)).rejects.toMatchObject({ code: "REGISTRY_BEHIND" });
    expect([await versions(), await versions(other)]).toEqual([Object.keys(two.echo), Object.keys(two.echo)]);
  });

  test("find a fork between them, on each node that sees the other head", async () => {
    const { node, other, source, id, first, versions } = await opened(2);
    source.show(publication({ after: first, time: "2026-11-29T13:00:00Z" }));
    await node.catalog.refresh(id);
    source.show(publication({ after: first, time: "2026-11-29T14:00:00Z", offers: two }));
    await expect(other.catalog.refresh(id)).rejects.toMatchObject({ code: "HEAD_FORKED" });
    expect(await versions(other)).toEqual(["1.0.0"]);
    expect(await node.trustDecisions.evidence(id)).toMatchObject([{ code: "HEAD_FORKED" }]);
  });
});
