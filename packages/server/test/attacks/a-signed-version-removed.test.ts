import { expect, test } from "vitest";
import { openSigned, publication } from "../support/signed-registry.ts";

const two = { echo: { "1.0.0": "one", "2.0.0": "two" } };
const offers = { echo: { "2.0.0": "two" } };

/** A registry of two versions that were accepted. */
const withTwo = async () => {
  const world = await openSigned();
  const first = publication({ offers: two });
  world.source.show(first);
  await world.refresh();
  return { ...world, first };
};

test("a version that is gone is refused, until its yank names it with its hash", async () => {
  const { source, refresh, offered, first } = await withTwo();
  source.show(publication({ after: first, offers }));
  await expect(refresh()).rejects.toMatchObject({
    code: "VERSION_REMOVED",
    params: { namespace: "echo", version: "1.0.0" },
  });
  source.show(publication({ after: first, offers, yanked: { echo: { "1.0.0": "another text" } } }));
  await expect(refresh()).rejects.toMatchObject({ code: "VERSION_REMOVED" });
  expect(await offered()).toEqual(["1.0.0", "2.0.0"]);
  const yank = publication({ after: first, offers, yanked: { echo: { "1.0.0": "one" } } });
  source.show(yank);
  await refresh();
  expect(await offered()).toEqual(["2.0.0"]);
  // The yank stays for ever.
  source.show(publication({ after: yank, offers }));
  await expect(refresh()).rejects.toMatchObject({ code: "VERSION_REMOVED" });
});

test("only the recovery key, by a new epoch, drops a version without a yank", async () => {
  const { source, refresh, offered } = await withTwo();
  source.show(publication({ epoch: 2, offers }));
  await refresh();
  expect(await offered()).toEqual(["2.0.0"]);
});
