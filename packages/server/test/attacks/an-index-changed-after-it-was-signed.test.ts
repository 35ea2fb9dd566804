import { expect, test } from "vitest";
import { openSigned, publication } from "../support/signed-registry.ts";

test("an index that is not the signed one is torn for an hour and a mismatch then, and nothing of it is used", async () => {
  const { source, refresh, offered, registries, id, clock } = await openSigned();
  const first = publication();
  source.show(first);
  await refresh();
  const second = publication({ after: first, offers: { echo: { "1.0.0": "one", "2.0.0": "two" } } });
  const { index } = publication({ offers: { echo: { "6.6.6": "bad" } } });
  source.show({ ...second, index });
  await expect(refresh()).rejects.toMatchObject({ code: "REGISTRY_TORN", status: 502 });
  const { failure } = await registries.get(id);
  expect(failure).toMatchObject({ code: "REGISTRY_TORN", since: clock.now });
  clock.now += 3600;
  await expect(refresh()).rejects.toMatchObject({ code: "INDEX_MISMATCH" });
  expect((await registries.get(id)).failure).toMatchObject({
    code: "INDEX_MISMATCH",
    since: clock.now - 3600,
  });
  expect(await offered()).toEqual(["1.0.0"]);
  source.show(second);
  await refresh();
  expect(await offered()).toEqual(["1.0.0", "2.0.0"]);
});

test("an index that was changed under the accepted head is not even read", async () => {
  const { source, refresh, offered } = await openSigned();
  const first = publication();
  source.show(first);
  await refresh();
  source.show({ ...first, index: publication({ offers: { echo: { "6.6.6": "bad" } } }).index });
  source.requested.length = 0;
  await refresh();
  expect(source.requested).toEqual(["registry.head"]);
  expect(await offered()).toEqual(["1.0.0"]);
});
