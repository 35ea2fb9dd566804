import { expect, test } from "vitest";
import { hashOfText, openSigned, publication } from "../support/signed-registry.ts";

const offers = { echo: { "2.0.0": "two" } };

/** A registry whose version 1.0.0 was accepted, and then yanked. */
const withYank = async () => {
  const world = await openSigned();
  const first = publication({ offers: { echo: { "1.0.0": "one", "2.0.0": "two" } } });
  world.source.show(first);
  await world.refresh();
  const yank = publication({ after: first, offers, yanked: { echo: { "1.0.0": "one" } } });
  world.source.show(yank);
  await world.refresh();
  return { ...world, yank };
};

test("a yanked version comes back with its own bytes only", async () => {
  const { source, refresh, offered, yank } = await withYank();
  source.show(publication({ after: yank, offers: { echo: { "1.0.0": "bad", "2.0.0": "two" } } }));
  await expect(refresh()).rejects.toMatchObject({ code: "VERSION_CHANGED", params: { version: "1.0.0" } });
  expect(await offered()).toEqual(["2.0.0"]);
  source.show(publication({ after: yank, offers: { echo: { "1.0.0": "one", "2.0.0": "two" } } }));
  await refresh();
  expect(await offered()).toEqual(["1.0.0", "2.0.0"]);
});

test("details that are not valid, under the right hash, end no yank", async () => {
  const { source, refresh, offered, store, id, yank } = await withYank();
  const details = Buffer.from('{"version":1,"plugins":[]}');
  const bad = publication({ after: yank, offers, details: hashOfText(details.toString()) });
  source.show({ ...bad, details });
  await refresh();
  expect(await offered()).toEqual(["2.0.0"]);
  expect(await store.catalog.details(id)).toEqual(yank.details);
});
