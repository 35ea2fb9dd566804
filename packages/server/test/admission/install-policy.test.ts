import { toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import {
  changedPolicy,
  type InstallPolicyChange,
  installPolicy,
} from "../../src/admission/install-policy.ts";
import { spanText, youthOf } from "../../src/admission/version-age.ts";
import { epochSeconds } from "../../src/clock.ts";
import { openWorld, snapshot, type World } from "../install/install-world.ts";
import { offered, pluginSource } from "../install/plugin-source.ts";

const change = (world: World, given: InstallPolicyChange) =>
  world.documents.change(installPolicy, ({ value }) => changedPolicy(value, given));

const versions = (name: string, ...numbers: string[]) => offered(name, numbers);

/** A world with `echo` 1.0.0 of the first index installed, and 1.1.0 that a later index brought just now. */
const withFreshUpdate = async (): Promise<World> => {
  let refreshes = 0;
  const world = await openWorld([versions("echo", "1.0.0")], { now: () => epochSeconds() + refreshes });
  await world.install("echo");
  await world.publish([versions("echo", "1.0.0", "1.1.0")]);
  refreshes++;
  await world.catalog.refresh(world.registry);
  return world;
};

test("the hours of a plugin count before those of its registry, and those before the ones for all", () => {
  const policy = changedPolicy(installPolicy.initial, {
    age: { hours: 48, plugins: { quick: 0 }, registries: { REG_1: 72 } },
  });
  const ageOf = (namespace: string, registry: string, hours: number) =>
    youthOf(policy, { namespace, registry, accepted: 0 }, hours * 3600);
  expect(ageOf("echo", "REG_2", 47)).toEqual({ age: "1 day", minimum: "2 days" });
  expect(ageOf("echo", "REG_2", 48)).toBeUndefined();
  expect(ageOf("echo", "REG_1", 48)?.minimum).toBe("3 days");
  expect(ageOf("quick", "REG_1", 0)).toBeUndefined();
  const without = changedPolicy(policy, { age: { plugins: { quick: null } } });
  expect(without.age).toEqual({ hours: 48, manual: false, plugins: {}, registries: { REG_1: 72 } });
  expect([0, 61, 7200, 90_000].map(spanText)).toEqual(["0 seconds", "1 minute", "2 hours", "1 day"]);
});

test("a version that came after the first index waits a day for automatic updates, and no longer for the owner", async () => {
  const world = await withFreshUpdate();
  const automatic = await world.plan("echo", { version: "1.1.0", update: "automatic" });
  expect(automatic.conflicts).toMatchObject([
    { code: "VERSION_TOO_NEW", hint: expect.stringContaining("`hitagi upgrade echo`") },
  ]);
  const [refused] = await world.installer.upgrade(["echo"], false, { isAutomatic: true });
  expect(refused?.error?.code).toBe("VERSION_TOO_NEW");
  const [upgraded] = await world.installer.upgrade(["echo"], false);
  expect(upgraded).toMatchObject({ to: "1.1.0", error: null, warnings: [{ code: "VERSION_YOUNG" }] });
});

test("what the first index says of its past counts, and an index cannot make a later version older", async () => {
  const world = await withFreshUpdate();
  const resolved = (version: string) => world.catalog.resolve(world.registry, toNamespace("echo"), version);
  const published = Date.parse((await resolved("1.1.0")).version.published_at) / 1000;
  expect((await resolved("1.0.0")).accepted).toBe(published);
  expect((await resolved("1.1.0")).accepted).toBeGreaterThan(published);
});

test("with `manual`, an install of the newest version waits too, and one that names the version does not", async () => {
  const world = await withFreshUpdate();
  await change(world, { age: { manual: true } });
  const code = "VERSION_TOO_NEW";
  const hint = expect.stringContaining("`hitagi install echo --version 1.1.0`");
  await expect(world.install("echo")).rejects.toMatchObject({ code, hint });
  expect((await world.installer.upgrade(["echo"], false))[0]?.error?.code).toBe(code);
  expect((await world.install("echo", { version: "1.1.0" })).version).toBe("1.1.0");
});

test("an exception of a plugin or a registry counts for automatic updates", async () => {
  const world = await withFreshUpdate();
  const codes = async () => {
    const { conflicts } = await world.plan("echo", { version: "1.1.0", update: "automatic" });
    return conflicts.map(({ code }) => code);
  };
  await change(world, { age: { registries: { [world.registry]: 0 } } });
  expect(await codes()).toEqual([]);
  await change(world, { age: { plugins: { echo: 1 } } });
  expect(await codes()).toEqual(["VERSION_TOO_NEW"]);
});

test("a registry, type or runtime that is not allowed is refused in preview, install and upgrade, and changes nothing", async () => {
  const world = await withFreshUpdate();
  const before = await snapshot(world);
  const refusals = {
    REGISTRY_NOT_ALLOWED: { registries: [] },
    TYPE_NOT_ALLOWED: { types: ["metadata"] },
    RUNTIME_NOT_ALLOWED: { runtimes: ["perl"] },
    UNSIGNED_NOT_ALLOWED: { unsigned: false },
  } as const;
  for (const [code, rule] of Object.entries(refusals)) {
    await world.documents.change(installPolicy, () => ({ ...installPolicy.initial, ...rule }) as never);
    expect((await world.plan("echo")).conflicts.map((one) => one.code)).toEqual([code]);
    await expect(world.install("echo", { version: "1.1.0" })).rejects.toMatchObject({ code });
    expect((await world.installer.upgrade(["echo"], false))[0]?.error?.code).toBe(code);
    expect(await snapshot(world)).toEqual(before);
  }
});

test("what is not allowed any more comes back neither by a rollback nor by a reinstall, and stays where it is", async () => {
  const world = await withFreshUpdate();
  await world.install("echo", { version: "1.1.0" });
  await change(world, { types: ["metadata"] });
  const code = "TYPE_NOT_ALLOWED";
  await expect(world.installer.rollback("echo")).rejects.toMatchObject({ code });
  await expect(world.installer.reinstall("echo")).rejects.toMatchObject({ code });
  expect(world.active.get("echo")?.manifest.version).toBe("1.1.0");
  await change(world, { types: null });
  expect((await world.installer.rollback("echo")).version).toBe("1.0.0");
});

test("with files not allowed, neither a sideload nor a move to a file is", async () => {
  const world = await withFreshUpdate();
  await change(world, { sideloaded: false });
  const code = "SIDELOAD_NOT_ALLOWED";
  const source = Buffer.from(pluginSource({ namespace: "mine" }));
  await expect(world.installer.sideload("mine.ts", source, true)).rejects.toMatchObject({ code });
  await expect(world.installer.moveToSideloaded("echo")).rejects.toMatchObject({ code });
});

test("a plugin of a signed registry is replaced by one of an unsigned registry only at its owner's word", async () => {
  const signed = new Set<string>();
  const world = await openWorld([versions("echo", "1.0.0")], { isSigned: (id) => signed.has(id) });
  signed.add(world.registry);
  await world.install("echo");
  const other = await world.addRegistry([versions("echo", "1.1.0")]);
  const { conflicts } = await other.plan("echo");
  expect(conflicts.map(({ code }) => code)).toEqual(["OTHER_REGISTRY", "EVIDENCE_WEAKER"]);
  await expect(other.install("echo", { force: true })).rejects.toMatchObject({ code: "EVIDENCE_WEAKER" });
  expect((await other.install("echo", { force: true, acceptUnsigned: true })).version).toBe("1.1.0");
  expect((await world.install("echo", { force: true, version: "1.0.0" })).registry).toBe(world.registry);
});

test("a plugin of a signed registry that was removed is replaced by an unsigned one only at its owner's word, by the same bytes too", async () => {
  const signed = new Set<string>();
  const world = await openWorld([versions("echo", "1.0.0")], { isSigned: (id) => signed.has(id) });
  signed.add(world.registry);
  await world.install("echo");
  await world.store.registries.delete(world.registry);
  const code = "EVIDENCE_WEAKER";
  const same = await world.addRegistry([versions("echo", "1.0.0")]);
  expect((await same.plan("echo")).conflicts.map((one) => one.code)).toEqual([code]);
  await expect(same.install("echo", { force: true })).rejects.toMatchObject({ code });
  const later = await world.addRegistry([versions("echo", "1.1.0")]);
  await expect(later.install("echo", { force: true })).rejects.toMatchObject({ code });
  signed.add(later.registry);
  expect((await later.install("echo", { force: true })).version).toBe("1.1.0");
  const back = { force: true, version: "1.0.0" };
  expect((await same.install("echo", { ...back, acceptUnsigned: true })).registry).toBe(same.registry);
});
