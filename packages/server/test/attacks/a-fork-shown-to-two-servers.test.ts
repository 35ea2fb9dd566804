import { expect, test } from "vitest";
import { openMoved, openSigned, publication } from "../support/signed-registry.ts";

const first = publication();
const ours = publication({ after: first, time: "2026-11-29T13:00:00Z" });
const theirs = publication({ after: first, time: "2026-11-29T14:00:00Z" });

test("a fork that is shown to two servers is found where one of them compares, with evidence that anyone can verify", async () => {
  const here = await openMoved();
  const elsewhere = await openSigned();
  for (const [world, head] of [[here, ours] as const, [elsewhere, theirs] as const]) {
    world.source.show(first);
    await world.refresh();
    world.source.show(head);
    await world.refresh();
  }
  const other = (await elsewhere.accepted())?.head ?? "";
  expect(await here.decisions.compare(here.id, other)).toBe("forked");
  expect((await here.accepted())?.evidence).toMatchObject([
    { code: "HEAD_FORKED", accepted: ours.head.toString(), other: theirs.head.toString() },
  ]);
  expect((await here.accepted())?.sequence).toBe(2);
});

test("the other head is refused where its address shows it, and the latest eight pairs are kept, each once", async () => {
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
