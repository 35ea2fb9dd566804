import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { keepTrust } from "../../src/backup/keep-trust.ts";
import { openStore } from "../../src/store/store.ts";
import type { RegistryPin, Store, TrustState } from "../../src/store/types.ts";
import { tempFolder } from "../support/temp-folder.ts";

const FINGERPRINT = "a".repeat(64);
const NOW = 1_800_000_000;

const opened = async (): Promise<Store> => {
  const store = await openStore(`sqlite:${path.join(await tempFolder(), "hitagi.db")}`);
  onTestFinished(() => store.close());
  return store;
};

const state = (epoch: number, sequence: number, head = `${epoch}.${sequence}`): TrustState => ({
  ...{ fingerprint: FINGERPRINT, origin: "example.org/mine", head, epoch, sequence, linked: true },
  ...{ since: 1, epochSince: 1, accepted: 1, evidence: [], revision: 1 },
});

const line = (hash: string): Buffer => Buffer.from(`echo\t1.0.0\t${hash.repeat(64)}\t1\n`);

/** A store that has accepted a head, with the versions of that head. */
const accepted = async (epoch: number, sequence: number, hash: string, head?: string): Promise<Store> => {
  const store = await opened();
  await store.trust.set(state(epoch, sequence, head), 0);
  await store.seenVersions.add(FINGERPRINT, line(hash));
  return store;
};

test.each([
  { what: "an earlier head", backup: [1, 3], current: [1, 5], kept: "1.5", hash: "c" },
  { what: "a later head", backup: [1, 7], current: [1, 5], kept: "1.7", hash: "b" },
  { what: "an older epoch with a higher sequence", backup: [1, 99], current: [2, 1], kept: "2.1", hash: "c" },
] as const)(
  "a backup with $what leaves the newer one, with its versions",
  async ({ backup, current, kept, hash }) => {
    const into = await accepted(backup[0], backup[1], "b");
    await keepTrust(await accepted(current[0], current[1], "c"), into, NOW);
    expect((await into.trust.get(FINGERPRINT))?.head).toBe(kept);
    expect(Buffer.concat(await into.seenVersions.get(FINGERPRINT))).toEqual(line(hash));
  },
);

test("where both have another head of one sequence, the one that was accepted last stays", async () => {
  const into = await accepted(1, 5, "b", "of the backup");
  await keepTrust(await accepted(1, 5, "c", "of the server"), into, NOW);
  expect((await into.trust.get(FINGERPRINT))?.head).toBe("of the server");
});

test("a head that only the replaced store knows is kept", async () => {
  const into = await opened();
  await keepTrust(await accepted(1, 5, "c"), into, NOW);
  expect(await into.trust.get(FINGERPRINT)).toMatchObject({ epoch: 1, sequence: 5 });
});

const pin = (fingerprint: string, since: number, more: Partial<RegistryPin> = {}): RegistryPin => ({
  ...{
    registry: "REG_1700000000",
    fingerprint: fingerprint.repeat(64),
    origin: "example.org/mine",
    since,
    ...more,
  },
});

test.each([
  { what: "none", backup: undefined, current: pin("a", 2), kept: "a" },
  { what: "one that the owner replaced since", backup: pin("b", 1), current: pin("a", 2), kept: "a" },
  { what: "a later one", backup: pin("b", 3), current: pin("a", 2), kept: "b" },
])(
  "a backup with $what as the pin of a registry leaves the pin that was set last",
  async ({ backup, current, kept }) => {
    const [from, into] = [await opened(), await opened()];
    await from.trust.setPin(current.registry, current);
    if (backup) await into.trust.setPin(backup.registry, backup);
    await keepTrust(from, into, NOW);
    expect((await into.trust.pin(current.registry))?.fingerprint).toBe(kept.repeat(64));
  },
);

test("a firm pin does not become provisional again", async () => {
  const [from, into] = [await opened(), await opened()];
  await from.trust.setPin("REG_1700000000", pin("a", 2, { provisionalUntil: NOW + 10 }));
  await into.trust.setPin("REG_1700000000", pin("a", 1));
  await keepTrust(from, into, NOW);
  expect(await into.trust.pin("REG_1700000000")).not.toHaveProperty("provisionalUntil");
});
