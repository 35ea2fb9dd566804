import { expect, test } from "vitest";
import { fileOf, seedOf } from "../../../trust/test/fixture.ts";
import { openSigned, publication } from "../support/signed-registry.ts";

const withLines = (head: Buffer, count: number): Buffer => {
  const strange = fileOf({ signingSeeds: [seedOf("thief")] }).toString();
  const line = strange.slice(strange.indexOf("\n\n") + 2);
  return Buffer.from(head.toString() + line.repeat(count));
};

test("a head with a thousand signatures is refused, and one with 64 is read", async () => {
  const { source, refresh, offered } = await openSigned();
  const first = publication();
  for (const count of [1000, 64]) {
    source.show({ ...first, head: withLines(first.head, count) });
    await expect(refresh()).rejects.toMatchObject({
      code: "HEAD_INVALID",
      message: expect.stringMatching(/64 signature lines|bytes/),
    });
  }
  source.show({ ...first, head: withLines(first.head, 63) });
  await refresh();
  expect(await offered()).toEqual(["1.0.0"]);
});
