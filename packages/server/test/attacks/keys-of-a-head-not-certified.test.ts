import { expect, test } from "vitest";
import { fileOf, headOf, seedOf, signingSeed } from "../../../trust/test/fixture.ts";
import { openSigned, publication } from "../support/signed-registry.ts";

test.each([
  [
    "that the recovery key did not certify",
    "KEYS_NOT_CERTIFIED",
    { certified: headOf({ epoch: 9 }).certified },
  ],
  [
    "of a stranger, who certified them with another recovery key",
    "RECOVERY_KEY_CHANGED",
    { recoveryOf: seedOf("thief"), signingSeeds: [seedOf("thief's")] },
  ],
  ["that were added within the epoch", "KEYS_FORKED", { signingSeeds: [signingSeed, seedOf("added")] }],
])("keys %s are refused", async (_, code, wanted) => {
  const { source, refresh, offered, accepted } = await openSigned();
  const first = publication();
  source.show(first);
  await refresh();
  source.show(publication({ after: first, ...wanted, offers: { echo: { "1.0.0": "one", "6.6.6": "bad" } } }));
  await expect(refresh()).rejects.toMatchObject({ code, status: 502 });
  expect(await offered()).toEqual(["1.0.0"]);
  expect((await accepted())?.sequence).toBe(1);
});

test("a head that only a stranger signed is refused, also with a thousand signatures", async () => {
  const { source, refresh } = await openSigned();
  const text = fileOf().toString();
  const at = text.indexOf("\n\n") + 2;
  const strange = fileOf({ signingSeeds: [seedOf("thief")] }).toString();
  const line = strange.slice(strange.indexOf("\n\n") + 2);
  source.show({ ...publication(), head: Buffer.from(text.slice(0, at) + line) });
  await expect(refresh()).rejects.toMatchObject({ code: "SIGNATURE_UNKNOWN" });
  source.show({ ...publication(), head: Buffer.from(text + line.repeat(1000)) });
  await expect(refresh()).rejects.toMatchObject({ code: "HEAD_INVALID" });
});

test("a key of small order, whose signature fits many texts, is no key", async () => {
  const { source, refresh } = await openSigned();
  const zero = Buffer.concat([Buffer.of(1), Buffer.alloc(32)]).toString("base64");
  const head = fileOf()
    .toString()
    .replace(/^(key signing [^+]+\+[0-9a-f]{8}\+).*$/m, `$1${zero}`);
  source.show({ ...publication(), head: Buffer.from(head) });
  await expect(refresh()).rejects.toMatchObject({ code: "HEAD_INVALID" });
});
