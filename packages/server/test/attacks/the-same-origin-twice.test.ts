import { expect, test } from "vitest";
import { openSigned, publication, serveSigned, thief } from "../support/signed-registry.ts";

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
