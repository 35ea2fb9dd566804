import { toNamespace } from "@hitagi/contract";
import { pino } from "pino";
import { expect, test } from "vitest";
import { refreshOutdated } from "../../src/catalog/refresh-outdated.ts";
import { createOtherAddresses } from "../../src/catalog/trust/other-addresses.ts";
import { createDocuments } from "../../src/documents/documents.ts";
import { hashOfText, openSigned, publication, serveSigned, thief } from "../support/signed-registry.ts";

test("the same origin with another recovery key is refused in a second registry, while the first one is there", async () => {
  const { source, refresh, add, registries, id, offered } = await openSigned();
  source.show(publication());
  await refresh();
  const other = await serveSigned();
  other.show(publication(thief));
  const second = await add(other.url);
  await expect(refresh(second)).rejects.toMatchObject({ code: "ORIGIN_TAKEN", params: { other: id } });
  expect(await offered(second)).toEqual([]);
  // Once the first one is gone, and nothing of it is installed, the name is free.
  await registries.delete(id);
  await refresh(second);
  expect(await offered(second)).toEqual(["1.0.0"]);
});

test("the name of a removed registry is not free while a plugin of it is installed", async () => {
  const { source, refresh, add, registries, store, id, offered } = await openSigned();
  source.show(publication());
  await refresh();
  const namespace = toNamespace("echo");
  const sha256 = hashOfText("one");
  const file = { path: "echo.ts", version: "1.0.0", sha256 };
  const provenance = { ...file, registry: id, type: "script" } as const;
  await store.plugins.commit({ namespace, expect: undefined, after: { provenance, granted: {} }, now: 1 });
  await registries.delete(id);
  const other = await serveSigned();
  other.show(publication(thief));
  const second = await add(other.url);
  await expect(refresh(second)).rejects.toMatchObject({
    code: "ORIGIN_TAKEN",
    params: { name: "a removed registry", other: id },
  });
  expect(await offered(second)).toEqual([]);
  await store.plugins.commit({ namespace, expect: sha256, after: undefined, now: 2 });
  await refresh(second);
  expect(await offered(second)).toEqual(["1.0.0"]);
});

test("the same origin with the same recovery key is one registry at two addresses, of which none goes back", async () => {
  const { source, refresh, add, store } = await openSigned();
  const first = publication();
  source.show(first);
  await refresh();
  const other = await serveSigned();
  other.show(publication({ after: first }));
  await refresh(await add(other.url));
  expect(await store.trust.list()).toMatchObject([{ sequence: 2 }]);
  await expect(refresh()).rejects.toMatchObject({ code: "REGISTRY_BEHIND" });
});

/** Two addresses of one registry, of which the first has accepted the second head, and the second has cached the first. */
const openBehind = async () => {
  const world = await openSigned();
  const { source, refresh, add, store } = world;
  const first = publication();
  const second = publication({ after: first, offers: { echo: { "1.0.0": "one", "1.1.0": "two" } } });
  const other = await serveSigned();
  const otherId = await add(other.url);
  for (const shown of [source, other]) shown.show(first);
  await refresh();
  await refresh(otherId);
  source.show(second);
  await refresh();
  const documents = createDocuments({ store: store.documents, ensureFresh: async () => {} });
  const catalog = refreshOutdated(world.catalog, { store, documents });
  return { ...world, other, otherId, second, catalog };
};

test("no version is chosen from the index of an earlier head at the second address: it is refreshed first", async () => {
  const { other, otherId, second, catalog, id } = await openBehind();
  await expect(catalog.resolve(otherId, "echo")).rejects.toMatchObject({ code: "REGISTRY_BEHIND" });
  other.show(second);
  const before = other.requested.length;
  const chosen = await Promise.all([
    catalog.resolve(otherId, "echo"),
    catalog.resolve(otherId, "echo", "1.1.0"),
  ]);
  expect(chosen.map(({ version }) => version.version)).toEqual(["1.1.0", "1.1.0"]);
  // Both choices share one refresh, and later ones need none.
  await catalog.resolve(otherId, "echo");
  await catalog.resolve(id, "echo");
  expect(other.requested.slice(before)).toEqual(["registry.head", "registry.json"]);
});

test("the second address is refreshed by itself once the first one accepted a later head", async () => {
  const { store, other, otherId, second, catalog, id, offered } = await openBehind();
  other.show(second);
  const refreshed: string[] = [];
  const others = createOtherAddresses({
    store,
    refresh: (registry) => {
      refreshed.push(registry);
      return catalog.refresh(registry);
    },
    log: pino({ level: "silent" }),
  });
  others.onSignedRefresh(id);
  await others.stop();
  expect(refreshed).toEqual([otherId]);
  expect((await offered(otherId)).sort()).toEqual(["1.0.0", "1.1.0"]);
});
