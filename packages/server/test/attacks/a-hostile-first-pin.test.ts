import { expect, test } from "vitest";
import { seedOf } from "../../../trust/test/fixture.ts";
import { openSigned, publication } from "../support/signed-registry.ts";

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
