import { expect, test } from "vitest";
import { openSigned, publication } from "../support/signed-registry.ts";

test.each([
  ["is not there", undefined],
  ["is another file", Buffer.from("something else\n")],
])("a registry that was signed is not taken where its head %s", async (_, head) => {
  const { source, refresh, offered, accepted } = await openSigned();
  source.show(publication());
  await refresh();
  const { index } = publication({ offers: { echo: { "6.6.6": "bad" } } });
  source.show({ index, head });
  await expect(refresh()).rejects.toMatchObject({ code: "SIGNATURE_MISSING" });
  expect(await offered()).toEqual(["1.0.0"]);
  expect((await accepted())?.sequence).toBe(1);
});
