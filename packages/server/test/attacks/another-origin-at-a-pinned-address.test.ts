import { expect, test } from "vitest";
import { openSigned, publication, thief } from "../support/signed-registry.ts";

test.each([
  ["with the same recovery key", "ORIGIN_CHANGED", {}],
  ["with other keys", "ORIGIN_CHANGED", thief],
])("another origin %s at a pinned address is refused", async (_, code, keys) => {
  const { source, refresh, offered } = await openSigned();
  source.show(publication());
  await refresh();
  const offers = { echo: { "1.0.0": "one", "6.6.6": "bad" } };
  source.show(publication({ ...keys, origin: "example.net/others", offers }));
  await expect(refresh()).rejects.toMatchObject({ code });
  expect(await offered()).toEqual(["1.0.0"]);
});
