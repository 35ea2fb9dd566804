import { expect, test } from "vitest";
import { seedOf } from "../../../../trust/test/fixture.ts";
import { createRegistryTrust } from "../../../src/catalog/trust/registry-trust.ts";
import { utcTime } from "../../../src/clock.ts";
import { openMoved, type Published, publication, thief } from "../../support/signed-registry.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

/** A registry, and what its owner is told of it. */
const openTold = async () => {
  const world = await openMoved();
  const { source, refresh, registries, store, clock, id } = world;
  const trusts = createRegistryTrust({ store, isRequired: async () => false, now: () => clock.now });
  const told = async () => {
    const trust = await trusts.of(await registries.get(id));
    return { ...trust, codes: trust.warnings.map(({ code }) => code) };
  };
  const show = async (given: Published) => {
    const next = publication({ time: utcTime(clock.now), ...given });
    source.show(next);
    await refresh();
    return next;
  };
  return { ...world, told, show };
};

/** The same with a head that was signed at the server's time. */
const withHead = async (published: (now: number) => Published = () => ({})) => {
  const world = await openTold();
  return { ...world, first: await world.show(published(world.clock.now)) };
};

test("a head of up to an hour ahead is no warning, and one of more is, and is taken", async () => {
  const ahead = (seconds: number) => withHead((now) => ({ time: utcTime(now + seconds) }));
  expect((await (await ahead(HOUR)).told()).codes).toEqual([]);
  const { told, offered } = await ahead(HOUR + 1);
  expect((await told()).codes).toEqual(["HEAD_IN_FUTURE"]);
  expect(await offered()).toEqual(["1.0.0"]);
});

test("a head with an earlier time than the one before is told until the next one, and is taken", async () => {
  const { told, show, first, clock } = await withHead();
  const second = await show({ after: first, time: utcTime(clock.now - 1) });
  expect(await told()).toMatchObject({ sequence: 2, codes: ["HEAD_TIME_WENT_BACK"] });
  await show({ after: second });
  expect((await told()).codes).toEqual([]);
});

test("a promised head is overdue a week after its time, and no longer once another one comes", async () => {
  const { told, show, first, clock } = await withHead((now) => ({ renew: utcTime(now + DAY) }));
  clock.now += 8 * DAY;
  expect((await told()).codes).toEqual([]);
  clock.now += 1;
  const { codes, renew } = await told();
  expect([codes, renew]).toEqual([["RENEWAL_OVERDUE"], clock.now - 7 * DAY - 1]);
  await show({ after: first });
  expect((await told()).codes).toEqual([]);
});

test("a head without a promise only says how old it is", async () => {
  const { told, clock } = await withHead();
  const signed = clock.now;
  clock.now += 1000 * DAY;
  expect(await told()).toMatchObject({ codes: [], signed });
});

test("after a new epoch automatic updates wait for 72 hours, and not after the first head", async () => {
  const { told, show, clock } = await withHead();
  expect(await told()).toMatchObject({ codes: [] });
  expect(await told()).not.toHaveProperty("updatesWaitUntil");
  clock.now += DAY;
  const begun = clock.now;
  const second = await show({ epoch: 2, signingSeeds: [seedOf("new")] });
  clock.now += DAY;
  await show({ after: second, epoch: 2, signingSeeds: [seedOf("new")] });
  expect(await told()).toMatchObject({
    ...{ codes: ["EPOCH_NEW"], epoch: 2, epochSince: begun, updatesWaitUntil: begun + 72 * HOUR },
    warnings: [{ text: expect.stringContaining(utcTime(begun + 72 * HOUR)) }],
  });
  clock.now = begun + 72 * HOUR;
  expect((await told()).codes).toEqual([]);
});

test("an epoch that begins in the second of the first head is a new one too", async () => {
  const { told, show } = await withHead();
  await show({ epoch: 2, signingSeeds: [seedOf("new")] });
  expect((await told()).codes).toEqual(["EPOCH_NEW"]);
});

/** A registry that was known unsigned, and began to sign now. */
const withBegun = async () => {
  const world = await openTold();
  world.source.show({ index: publication().index });
  await world.refresh();
  expect(await world.told()).toMatchObject({ state: "unsigned", codes: [] });
  await world.show({});
  return world;
};

test("the pin of a registry that begins to sign is told as provisional for seven days, and is firm then", async () => {
  const { told, clock } = await withBegun();
  const until = clock.now + 7 * DAY;
  const provisional = { state: "provisional", codes: ["PIN_PROVISIONAL"], provisionalUntil: until };
  expect(await told()).toMatchObject(provisional);
  clock.now = until - 1;
  expect(await told()).toMatchObject(provisional);
  clock.now = until;
  const firm = await told();
  expect(firm).toMatchObject({ state: "signed", codes: [] });
  expect(firm).not.toHaveProperty("provisionalUntil");
});

test("the owner's word makes a provisional pin firm at once, so that neither other keys nor none are taken", async () => {
  const { told, show, source, refresh, decisions, id, accepted } = await withBegun();
  await decisions.decide(id, (await accepted())?.fingerprint ?? "");
  expect(await told()).toMatchObject({ state: "signed", codes: [] });
  await expect(show(thief)).rejects.toMatchObject({ code: "RECOVERY_KEY_CHANGED" });
  source.show({ index: publication().index });
  await expect(refresh()).rejects.toMatchObject({ code: "SIGNATURE_MISSING" });
  expect(await told()).toMatchObject({ state: "signed", codes: [] });
});

test.each([
  [65, []],
  [66, ["HEAD_NOT_LINKED"]],
])(
  "a head of the sequence %i after the first is taken, and told as not linked where it does not name that one",
  async (last, codes) => {
    const { told, show, first, clock, offered } = await withHead();
    const time = utcTime(clock.now);
    let before = first;
    while (before.sequence < last - 1) before = publication({ after: before, time });
    const shown = await show({ after: before });
    expect(await told()).toMatchObject({ sequence: last, codes });
    expect(await offered()).toEqual(["1.0.0"]);
    await show({ after: shown });
    expect((await told()).codes).toEqual([]);
  },
);
