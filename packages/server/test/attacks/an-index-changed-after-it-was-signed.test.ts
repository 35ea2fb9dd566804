import { expect, test } from "vitest";
import { openSigned, publication } from "../support/signed-registry.ts";

const bad = { echo: { "6.6.6": "bad" } };

test("an index that is not the signed one is never used, and after an hour it is called a mismatch", async () => {
  const { source, refresh, offered, registries, id, clock } = await openSigned();
  const first = publication();
  source.show(first);
  await refresh();
  const second = publication({ after: first, offers: { echo: { "1.0.0": "one", "2.0.0": "two" } } });
  source.show({ ...second, index: publication({ offers: bad }).index });
  await expect(refresh()).rejects.toMatchObject({ code: "REGISTRY_TORN" });
  clock.now += 3599;
  await expect(refresh()).rejects.toMatchObject({ code: "REGISTRY_TORN" });
  clock.now += 1;
  await expect(refresh()).rejects.toMatchObject({ code: "INDEX_MISMATCH" });
  const { failure } = await registries.get(id);
  expect(failure).toMatchObject({ code: "INDEX_MISMATCH", since: clock.now - 3600 });
  expect(await offered()).toEqual(["1.0.0"]);
});

test("an index that is changed under the accepted head is not even read", async () => {
  const { source, refresh, offered } = await openSigned();
  const first = publication();
  source.show(first);
  await refresh();
  source.show({ ...first, index: publication({ offers: bad }).index });
  source.requested.length = 0;
  await refresh();
  expect(source.requested).toEqual(["registry.head"]);
  expect(await offered()).toEqual(["1.0.0"]);
});
