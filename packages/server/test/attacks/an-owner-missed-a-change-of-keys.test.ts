import { expect, test } from "vitest";
import { seedOf } from "../../../trust/test/fixture.ts";
import { openSigned, publication } from "../support/signed-registry.ts";

test("an owner who missed several changes of keys follows the last one, because each head carries its proof", async () => {
  const { source, refresh, accepted } = await openSigned();
  source.show(publication());
  await refresh();
  const previous = [{ sequence: 2, sha256: "a".repeat(64) }];
  source.show(publication({ epoch: 7, sequence: 3, previous, signingSeeds: [seedOf("third")] }));
  await refresh();
  expect(await accepted()).toMatchObject({ epoch: 7, sequence: 3 });
});

test("a thief with the key of the epoch that the owner missed is refused from then on", async () => {
  const { source, refresh, accepted } = await openSigned();
  const stolen = { epoch: 2, signingSeeds: [seedOf("stolen")] };
  source.show(publication());
  await refresh();
  source.show(publication({ epoch: 3, signingSeeds: [seedOf("third")] }));
  await refresh();
  source.show(publication({ ...stolen, sequence: 9 }));
  await expect(refresh()).rejects.toMatchObject({ code: "HEAD_ROLLED_BACK" });
  expect(await accepted()).toMatchObject({ epoch: 3, sequence: 1 });
});
