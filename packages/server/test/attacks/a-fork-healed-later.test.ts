import { expect, test } from "vitest";
import { openSigned, publication } from "../support/signed-registry.ts";

test("a fork is not healed by a head that continues the other branch, and is by the next epoch, with its evidence kept", async () => {
  const { source, refresh, accepted } = await openSigned();
  const first = publication();
  source.show(first);
  await refresh();
  const ours = publication({ after: first, time: "2026-11-29T13:00:00Z" });
  const theirs = publication({ after: first, time: "2026-11-29T14:00:00Z" });
  source.show(ours);
  await refresh();
  for (const other of [theirs, publication({ after: theirs })]) {
    source.show(other);
    await expect(refresh()).rejects.toMatchObject({ code: "HEAD_FORKED" });
  }
  // An earlier head of the other branch is a fork too, and not only late.
  const third = publication({ after: ours });
  source.show(third);
  await refresh();
  source.show(theirs);
  await expect(refresh()).rejects.toMatchObject({ code: "HEAD_FORKED" });
  const { evidence = [], sequence } = (await accepted()) ?? {};
  expect([sequence, evidence.map(({ code }) => code)]).toEqual([3, ["HEAD_FORKED", "HEAD_FORKED"]]);
  source.show(publication({ epoch: 2 }));
  await refresh();
  expect(await accepted()).toMatchObject({ epoch: 2, evidence });
});
