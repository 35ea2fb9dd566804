import { expect, test } from "vitest";
import { seedOf } from "../../../trust/test/fixture.ts";
import { openSigned, publication } from "../support/signed-registry.ts";

test.each([2, 41, 2 ** 53 - 1])("a head %i of an older epoch is not taken again", async (sequence) => {
  const { source, refresh, accepted } = await openSigned();
  source.show(publication({ sequence: 40 }));
  await refresh();
  source.show(publication({ epoch: 2, signingSeeds: [seedOf("new")] }));
  await refresh();
  source.show(publication({ sequence }));
  await expect(refresh()).rejects.toMatchObject({ code: "HEAD_ROLLED_BACK" });
  expect(await accepted()).toMatchObject({ epoch: 2, sequence: 1 });
});
