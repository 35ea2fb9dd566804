import { toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import { seedOf } from "../../../trust/test/fixture.ts";
import { hashOfText, openMoved, openSigned, publication, serveSigned } from "../support/signed-registry.ts";

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

/** A registry that offered echo 1.0.0 and 1.1.0 unsigned, and another one that the thief's key is known from. */
const openKnownThief = async (order: "before" | "after") => {
  const world = await openSigned();
  const { source, refresh, add, clock } = world;
  const other = await serveSigned();
  const otherId = await add(other.url);
  const known = publication({ ...thief, offers: { echo: { "1.0.0": "bad", "1.1.0": "bad" } } });
  other.show(known);
  source.show({ index: publication({ offers: { echo: { "1.0.0": "one", "1.1.0": "two" } } }).index });
  for (const registry of order === "before" ? [otherId, world.id] : [world.id, otherId]) {
    await refresh(registry);
    clock.now += 1;
  }
  return { ...world, other, otherId, known };
};

test.each(["before", "after"] as const)(
  "a thief's key that is known from another registry, refreshed %s this one, changes no version that was seen here",
  async (order) => {
    const { source, refresh, known, store, id, catalog } = await openKnownThief(order);
    const refused = { code: "VERSION_CHANGED", params: { expected: hashOfText("one") } };
    source.show(known);
    await expect(refresh()).rejects.toMatchObject(refused);
    // Nor does a new epoch.
    source.show(publication({ ...thief, epoch: 2, offers: { echo: { "1.0.0": "bad" } } }));
    await expect(refresh()).rejects.toMatchObject(refused);
    expect(await store.trust.pin(id)).toBeUndefined();
    const { version, seen } = await catalog.resolve(id, toNamespace("echo"), "1.0.0");
    expect([version, ...seen].map(({ sha256 }) => sha256)).toEqual([hashOfText("one"), hashOfText("one")]);
  },
);

test("a version that the key has from another registry meanwhile comes back with its own bytes only", async () => {
  const { source, refresh, add, catalog, id, offered } = await openSigned();
  source.show({ index: publication({ offers: { echo: { "1.0.0": "one", "1.1.0": "two" } } }).index });
  await refresh();
  const first = publication(thief);
  source.show(first);
  await refresh();
  const other = await serveSigned();
  const otherId = await add(other.url);
  const versions = { "1.0.0": "one", "1.1.0": "bad" };
  const second = publication({ ...thief, after: first, offers: { echo: versions } });
  other.show(second);
  await refresh(otherId);
  source.show(second);
  await expect(refresh()).rejects.toMatchObject({ code: "VERSION_CHANGED", params: { version: "1.1.0" } });
  expect(await offered()).toEqual(["1.0.0"]);
  // Under another name of the version, an install still finds the first bytes.
  const third = publication({
    ...{ ...thief, after: second, yanked: { echo: { "1.1.0": "bad" } } },
    offers: { echo: { "1.0.0": "one", "1.1.0+x": "bad" } },
  });
  source.show(third);
  await refresh();
  const { seen } = await catalog.resolve(id, toNamespace("echo"), "1.1.0+x");
  expect(seen.find(({ version }) => version === "1.1.0")?.sha256).toBe(hashOfText("two"));
});

test("a new epoch changes what was offered unsigned only where the pin is firm", async () => {
  const { source, refresh, add, clock, offered } = await openSigned();
  source.show({ index: publication().index });
  await refresh();
  const other = await serveSigned();
  const otherId = await add(other.url);
  other.show({ index: publication().index });
  await refresh(otherId);
  for (const [shown, registry] of [
    [source, undefined],
    [other, otherId],
  ] as const) {
    shown.show(publication());
    await refresh(registry);
  }
  const next = publication({ epoch: 2, offers: { echo: { "1.0.0": "new" } } });
  source.show(next);
  await expect(refresh()).rejects.toMatchObject({ code: "VERSION_CHANGED" });
  clock.now += WEEK;
  await refresh();
  // The other address follows, although it offered the version unsigned, too.
  other.show(next);
  await refresh(otherId);
  expect(await offered(otherId)).toEqual(["1.0.0"]);
});
