import { expect, test } from "vitest";
import { hashOfText, openSigned, publication } from "../support/signed-registry.ts";

test("a version that comes with other bytes is refused, and what was accepted stays", async () => {
  const { source, refresh, offered } = await openSigned();
  const first = publication({ offers: { echo: { "1.0.0": "one", "2.0.0": "two" } } });
  source.show(first);
  await refresh();
  source.show(publication({ after: first, offers: { echo: { "1.0.0": "bad", "2.0.0": "two" } } }));
  await expect(refresh()).rejects.toMatchObject({
    code: "VERSION_CHANGED",
    params: { version: "1.0.0", expected: hashOfText("one"), actual: hashOfText("bad") },
  });
  expect(await offered()).toEqual(["1.0.0", "2.0.0"]);
});
