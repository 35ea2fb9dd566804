import { expect, test } from "vitest";
import { openSigned, publications } from "../support/signed-registry.ts";

test("a head from before those that the accepted one names is rolled back, at each refresh, and the record says so", async () => {
  const { source, refresh, accepted, registries, id } = await openSigned();
  const heads = publications(70);
  source.show(heads[69] ?? {});
  await refresh();
  for (const old of [heads[0], heads[4]]) {
    source.show(old ?? {});
    await expect(refresh()).rejects.toMatchObject({ code: "HEAD_ROLLED_BACK" });
  }
  expect((await accepted())?.sequence).toBe(70);
  expect((await registries.get(id)).failure).toMatchObject({ code: "HEAD_ROLLED_BACK" });
});
