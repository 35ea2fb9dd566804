import { expect, test } from "vitest";
import { createRegistryTrust } from "../../src/catalog/trust/registry-trust.ts";
import { openSigned, publication, serveSigned, thief } from "../support/signed-registry.ts";

test("an address that the owner changes keeps the pin, and must show the same key", async () => {
  const { source, refresh, registries, store, id, offered } = await openSigned();
  const first = publication();
  source.show(first);
  await refresh();
  const pin = await store.trust.pin(id);
  const other = await serveSigned();
  await registries.update(id, { url: other.url });
  expect(await store.trust.pin(id)).toEqual(pin);
  other.show(publication(thief));
  await expect(refresh()).rejects.toMatchObject({ code: "RECOVERY_KEY_CHANGED" });
  other.show({ index: publication().index });
  await expect(refresh()).rejects.toMatchObject({ code: "SIGNATURE_MISSING" });
  expect(await offered()).toEqual([]);
  other.show(first);
  await refresh();
  expect(await offered()).toEqual(["1.0.0"]);
});

test("a registry that is removed and added again at another address goes below nothing that was accepted", async () => {
  const { source, refresh, registries, add, id } = await openSigned();
  const first = publication();
  source.show(publication({ after: first }));
  await refresh();
  await registries.delete(id);
  const other = await serveSigned();
  other.show(first);
  await expect(refresh(await add(other.url))).rejects.toMatchObject({ code: "REGISTRY_BEHIND" });
});

test("a registry that was signed counts as signed after it was removed, so that what it installed is not replaced unasked", async () => {
  const { source, refresh, registries, store, add, id } = await openSigned();
  const { wasSigned } = createRegistryTrust({ store, isRequired: async () => false, now: () => 0 });
  source.show(publication());
  await refresh();
  await registries.delete(id);
  expect(await wasSigned(id)).toBe(true);
  const copy = await serveSigned();
  copy.show({ index: publication().index });
  const unsigned = await add(copy.url);
  await refresh(unsigned);
  expect(await wasSigned(unsigned)).toBe(false);
});
