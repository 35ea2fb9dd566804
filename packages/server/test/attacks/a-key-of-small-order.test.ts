import { expect, test } from "vitest";
import { fileOf } from "../../../trust/test/fixture.ts";
import { openSigned, publication } from "../support/signed-registry.ts";

/** Points under which one signature fits many texts, and one that is not written canonically. */
const POINTS: [string, string][] = [
  ["of order 4", "00".repeat(32)],
  ["of order 1", `01${"00".repeat(31)}`],
  ["of order 2", `ec${"ff".repeat(30)}7f`],
  ["of order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"],
  ["not canonical", `ee${"ff".repeat(30)}7f`],
];

test.each(POINTS)("a signing key %s is no key", async (_, hex) => {
  const { source, refresh, store, id } = await openSigned();
  const vkey = Buffer.concat([Buffer.of(1), Buffer.from(hex, "hex")]).toString("base64");
  const head = fileOf()
    .toString()
    .replace(/^(key signing [^+]+\+[0-9a-f]{8}\+).*$/m, `$1${vkey}`);
  source.show({ ...publication(), head: Buffer.from(head) });
  await expect(refresh()).rejects.toMatchObject({
    code: "HEAD_INVALID",
    message: expect.stringContaining("of small order or not canonical"),
  });
  expect(await store.trust.pin(id)).toBeUndefined();
});
