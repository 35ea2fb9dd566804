import { expect, test } from "vitest";
import { openSigned, publication } from "../support/signed-registry.ts";

test.each([
  ["a byte-order mark", (head: Buffer) => Buffer.concat([Buffer.from("\ufeff"), head]), /./],
  [
    "a later version",
    (head: Buffer) => Buffer.from(head.toString().replace("hitagi-head/v1", "hitagi-head/v2")),
    /version 2/,
  ],
  ["carriage returns", (head: Buffer) => Buffer.from(head.toString().replaceAll("\n", "\r\n")), /./],
  ["nothing but its first words", () => Buffer.from("hitagi-head/"), /./],
])("a head with %s is invalid, not absent", async (_, change, message) => {
  const { source, refresh, offered } = await openSigned();
  const first = publication();
  source.show({ ...first, head: change(first.head) });
  await expect(refresh()).rejects.toMatchObject({
    code: "HEAD_INVALID",
    message: expect.stringMatching(message),
  });
  expect(await offered()).toEqual([]);
});
