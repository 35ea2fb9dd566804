import { expect, test } from "vitest";
import { seedOf } from "../../../trust/test/fixture.ts";
import { openMoved, openSigned, publication } from "../support/signed-registry.ts";

const WEEK = 7 * 24 * 3600;
const thief = { recoveryOf: seedOf("thief"), signingSeeds: [seedOf("thief's")] };

test("the first pin of a registry that was unsigned is provisional for a week, in which its keeper's own key is taken", async () => {
  const { source, refresh, store, id, clock } = await openSigned();
  source.show({ index: publication().index });
  await refresh();
  source.show(publication(thief));
  await refresh();
  const first = await store.trust.pin(id);
  expect(first?.provisionalUntil).toBe(clock.now + WEEK);
  source.show(publication());
  await refresh();
  const second = await store.trust.pin(id);
  expect(second?.fingerprint).not.toBe(first?.fingerprint);
  clock.now += WEEK;
  source.show(publication(thief));
  await expect(refresh()).rejects.toMatchObject({ code: "RECOVERY_KEY_CHANGED" });
});

test("the first signed index changes no version that was seen before", async () => {
  const { source, refresh, offered, store, id } = await openSigned();
  source.show({ index: publication().index });
  await refresh();
  source.show(publication({ ...thief, offers: { echo: { "1.0.0": "bad" } } }));
  await expect(refresh()).rejects.toMatchObject({ code: "VERSION_CHANGED" });
  expect(await offered()).toEqual(["1.0.0"]);
  expect(await store.trust.pin(id)).toBeUndefined();
});

test("within the week it may go back to unsigned, and later it may not", async () => {
  const { source, refresh, store, id, clock, offered } = await openSigned();
  const { index } = publication();
  source.show({ index });
  await refresh();
  source.show(publication());
  await refresh();
  source.show({ index });
  await refresh();
  expect(await store.trust.pin(id)).toBeUndefined();
  expect(await offered()).toEqual(["1.0.0"]);
  source.show(publication());
  await refresh();
  clock.now += WEEK;
  source.show({ index });
  await expect(refresh()).rejects.toMatchObject({ code: "SIGNATURE_MISSING" });
});

test("a version that was offered unsigned, and not by the first signed index, comes back with its own bytes only", async () => {
  const { source, refresh, id, offered, decisions, accepted } = await openMoved();
  source.show({ index: publication({ offers: { echo: { "1.0.0": "one", "1.1.0": "two" } } }).index });
  await refresh();
  const first = publication();
  source.show(first);
  await refresh();
  // Also where the owner made the pin firm meanwhile.
  await decisions.decide(id, (await accepted())?.fingerprint ?? "");
  const next = (text: string) =>
    publication({ after: first, offers: { echo: { "1.0.0": "one", "1.1.0": text } } });
  source.show(next("bad"));
  await expect(refresh()).rejects.toMatchObject({ code: "VERSION_CHANGED", params: { version: "1.1.0" } });
  expect(await offered()).toEqual(["1.0.0"]);
  source.show(next("two"));
  await refresh();
  expect((await offered()).sort()).toEqual(["1.0.0", "1.1.0"]);
});
