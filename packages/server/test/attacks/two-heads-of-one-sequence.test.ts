import { expect, test } from "vitest";
import { openSigned, publication } from "../support/signed-registry.ts";

test("a fork is refused with evidence that anyone can verify, healed later or not", async () => {
  const { source, refresh, accepted } = await openSigned();
  const first = publication();
  source.show(first);
  await refresh();
  const ours = publication({ after: first, time: "2026-11-29T13:00:00Z" });
  const theirs = publication({ after: first, time: "2026-11-29T14:00:00Z" });
  source.show(ours);
  await refresh();
  source.show(theirs);
  await expect(refresh()).rejects.toMatchObject({ code: "HEAD_FORKED" });
  // A head that follows the other branch does not heal it.
  source.show(publication({ after: theirs }));
  await expect(refresh()).rejects.toMatchObject({ code: "HEAD_FORKED" });
  const { evidence = [], sequence } = (await accepted()) ?? {};
  expect(sequence).toBe(2);
  expect(evidence.map(({ code }) => code)).toEqual(["HEAD_FORKED", "HEAD_FORKED"]);
  expect(evidence[0]).toMatchObject({ accepted: ours.head.toString(), other: theirs.head.toString() });
  // The keeper begins the next epoch.
  source.show(publication({ epoch: 2 }));
  await refresh();
  expect(await accepted()).toMatchObject({ epoch: 2, evidence });
});

test("the latest eight pairs are kept, each once", async () => {
  const { source, refresh, accepted } = await openSigned();
  source.show(publication());
  await refresh();
  for (const minute of [0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
    source.show(publication({ time: `2026-11-30T12:0${minute}:00Z` }));
    await expect(refresh()).rejects.toMatchObject({ code: "HEAD_FORKED" });
  }
  const { evidence = [] } = (await accepted()) ?? {};
  expect(evidence.map(({ other }) => /12:0(\d)/.exec(other)?.[1])).toEqual([..."23456789"]);
});
