import { expect, test } from "vitest";
import { fileOf, seedOf, signingSeed } from "../../../trust/test/fixture.ts";
import { openSigned, publication, thief } from "../support/signed-registry.ts";

test("a key that a stranger certified with another recovery key is refused", async () => {
  const { source, refresh, offered } = await openSigned();
  const first = publication();
  source.show(first);
  await refresh();
  const offers = { echo: { "1.0.0": "one", "6.6.6": "bad" } };
  source.show(publication({ after: first, ...thief, offers }));
  await expect(refresh()).rejects.toMatchObject({ code: "RECOVERY_KEY_CHANGED" });
  // A new epoch needs the pinned recovery key too.
  source.show(publication({ epoch: 2, ...thief, offers }));
  await expect(refresh()).rejects.toMatchObject({ code: "RECOVERY_KEY_CHANGED" });
  expect(await offered()).toEqual(["1.0.0"]);
});

test("a head that only a stranger's key signed is refused", async () => {
  const { source, refresh, offered } = await openSigned();
  const text = fileOf().toString();
  const strange = fileOf({ signingSeeds: [seedOf("thief")] }).toString();
  const afterText = (note: string) => note.indexOf("\n\n") + 2;
  const signedByStranger = text.slice(0, afterText(text)) + strange.slice(afterText(strange));
  source.show({ ...publication(), head: Buffer.from(signedByStranger) });
  await expect(refresh()).rejects.toMatchObject({ code: "SIGNATURE_UNKNOWN" });
  expect(await offered()).toEqual([]);
});

test("a stranger's line beside the keeper's signature changes nothing", async () => {
  const { source, refresh, offered } = await openSigned();
  const first = publication({ signingSeeds: [signingSeed] });
  const strange = fileOf({ signingSeeds: [seedOf("thief")] }).toString();
  const line = strange.slice(strange.indexOf("\n\n") + 2);
  source.show({ ...first, head: Buffer.concat([first.head, Buffer.from(line)]) });
  await refresh();
  expect(await offered()).toEqual(["1.0.0"]);
});
