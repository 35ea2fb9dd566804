import { expect, test } from "vitest";
import { seedOf } from "../../../trust/test/fixture.ts";
import { openSigned, publication, serveSigned } from "../support/signed-registry.ts";

const thief = { recoveryOf: seedOf("thief"), signingSeeds: [seedOf("thief's")] };

test("another origin at the address is refused", async () => {
  const { source, refresh } = await openSigned();
  source.show(publication());
  await refresh();
  source.show(publication({ origin: "example.net/others" }));
  await expect(refresh()).rejects.toMatchObject({ code: "ORIGIN_CHANGED" });
});

test("the same origin with another recovery key in a second registry is refused, and with the same key both are one", async () => {
  const { source, refresh, add, store, registries, id } = await openSigned();
  const first = publication();
  source.show(first);
  await refresh();
  const other = await serveSigned();
  other.show(publication(thief));
  const second = await add(other.url);
  await expect(refresh(second)).rejects.toMatchObject({ code: "ORIGIN_TAKEN", params: { other: id } });
  const next = publication({ after: first });
  other.show(next);
  await refresh(second);
  expect(await store.trust.list()).toMatchObject([{ sequence: 2 }]);
  // The first address is now behind what the second one showed.
  await expect(refresh()).rejects.toMatchObject({ code: "REGISTRY_BEHIND" });
  // Once the right one is gone, and nothing of it is installed, the name is free.
  await registries.delete(id);
  await registries.delete(second);
  other.show(publication(thief));
  await refresh(await add(other.url));
});

test("a changed address keeps the pin, and a new one must show the same key", async () => {
  const { source, refresh, registries, store, id, offered } = await openSigned();
  const first = publication({ movedTo: "https://example.com/new" });
  source.show(first);
  await refresh();
  const pin = await store.trust.pin(id);
  const other = await serveSigned();
  other.show(publication(thief));
  await registries.update(id, { url: other.url });
  expect(await store.trust.pin(id)).toEqual(pin);
  await expect(refresh()).rejects.toMatchObject({ code: "RECOVERY_KEY_CHANGED" });
  expect(await offered()).toEqual([]);
  other.show({ index: publication().index });
  await expect(refresh()).rejects.toMatchObject({ code: "SIGNATURE_MISSING" });
  other.show(first);
  await refresh();
  expect(await offered()).toEqual(["1.0.0"]);
});
