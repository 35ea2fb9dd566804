import path from "node:path";
import { type Requirements, shownUpgrades, shownVersions, toNamespace } from "@hitagi/contract";
import { expect, onTestFinished, test, vi } from "vitest";
import { installPolicy } from "../../../src/admission/install-policy.ts";
import { writeDetailed } from "../../support/details-registry.ts";
import { openWorld, snapshot, type World } from "../install-world.ts";
import { offered, pluginSource } from "../plugin-source.ts";

const needing = (namespace: string, plugins: Record<string, string>, ...versions: string[]) =>
  offered(namespace, versions.length > 0 ? versions : ["1.0.0"], { requires: { plugins } });

/** The version of each active plugin. */
const active = ({ active }: World) =>
  Object.fromEntries(active.list().map((one) => [one.namespace, one.manifest.version]));

test("a plugin is installed with what it needs, in one step, and the preview shows it", async () => {
  const world = await openWorld([
    needing("app", { tags: "^1.0.0" }),
    needing("tags", { login: "*" }, "1.0.0", "1.1.0", "2.0.0"),
    offered("login", ["1.0.0"], { permissions: { net: ["login.example"] } }),
  ]);
  const plan = await world.plan("app");
  expect(plan).toMatchObject({
    conflicts: [],
    requires: [
      { namespace: "login", version: "1.0.0", permissions: { asks: { net: ["login.example"] } } },
      { namespace: "tags", version: "1.1.0", neededBy: [{ namespace: "app", range: "^1.0.0" }] },
    ],
  });
  expect(await world.install("app")).toMatchObject({
    version: "1.0.0",
    required: [
      { namespace: "login", version: "1.0.0", from: null },
      { namespace: "tags", version: "1.1.0" },
    ],
  });
  expect(active(world)).toEqual({ app: "1.0.0", tags: "1.1.0", login: "1.0.0" });
  expect((await world.plan("app")).requires).toBeUndefined();
});

test("a preview plans each version once before it is loaded, and once after", async () => {
  const names = ["a", "b", "c", "d"];
  const world = await openWorld([
    needing("app", Object.fromEntries(names.map((name) => [name, "*"]))),
    ...names.map((name) => offered(name, ["1.0.0"])),
  ]);
  const resolve = vi.spyOn(world.catalog, "resolve");
  onTestFinished(() => resolve.mockRestore());
  expect((await world.plan("app")).requires).toHaveLength(4);
  expect(resolve.mock.calls.length).toBe(2 * 5);
});

test("a preview reads its registry as often beside many plugins as alone", async () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const world = await openWorld(names.map((name) => offered(name, ["1.0.0"])));
  const read = vi.spyOn(world.store.registries, "get");
  onTestFinished(() => read.mockRestore());
  const readsOf = async (name: string) => {
    read.mockClear();
    await world.plan(name);
    return read.mock.calls.length;
  };
  await world.install("a");
  // The first preview loads the version, and reads more.
  await readsOf("f");
  const alone = await readsOf("f");
  for (const name of names.slice(1, 5)) await world.install(name);
  expect(await readsOf("f")).toBe(alone);
});

test("an install brings only what its preview showed", async () => {
  const app = needing("app", { tags: "*" });
  const tags = offered("tags", ["1.0.0"], { permissions: { net: ["tags.example"] } });
  const world = await openWorld([app, tags]);
  const shown = shownVersions(await world.plan("app"));
  expect(shown.map(({ namespace }) => namespace)).toEqual(["app", "tags"]);
  const newer = offered("tags", ["1.0.0", "1.1.0"], {
    permissions: { net: ["tags.example", "evil.example"] },
  });
  await world.publish([app, newer]);
  await world.catalog.refresh(world.registry);
  const before = await snapshot(world);
  await expect(world.install("app", { grant: true, shown })).rejects.toMatchObject({
    code: "INSTALL_SET_CHANGED",
    message: expect.stringContaining("tags 1.1.0"),
  });
  expect(await snapshot(world)).toEqual(before);
  await world.install("app", { grant: true, shown: shownVersions(await world.plan("app")) });
  expect(active(world)).toEqual({ app: "1.0.0", tags: "1.1.0" });
});

test("a preview is not needed: the install learns from each manifest what is needed", async () => {
  const world = await openWorld([
    needing("app", { tags: "*" }),
    needing("tags", { login: "*" }),
    needing("login", { app: "^1.0.0" }),
  ]);
  await world.install("app");
  expect(active(world)).toEqual({ app: "1.0.0", tags: "1.0.0", login: "1.0.0" });
  expect(await snapshot(world)).toMatchObject({ staging: [], journal: [] });
});

test("what the details of a registry say is needed counts, before a file is loaded", async () => {
  const world = await openWorld([]);
  const folder = path.join(world.data, "../registry-1");
  const versions = { "1.0.0": { requires: { hitagi: ">=0.0.1", plugins: { tags: "^2.0.0" } } } };
  await writeDetailed(folder, [offered("app", ["1.0.0"]), offered("tags", ["1.0.0", "2.1.0"])], {
    plugins: { app: { versions } },
  });
  await world.catalog.refresh(world.registry);
  await world.install("app");
  expect(active(world)).toEqual({ app: "1.0.0", tags: "2.1.0" });
});

test("nothing changes where one of them cannot be installed", async () => {
  const world = await openWorld([
    needing("app", { tags: "*" }),
    {
      namespace: "tags",
      type: "script",
      versions: [{ version: "1.0.0", source: pluginSource({ namespace: "tags" }), sha256: "0".repeat(64) }],
    },
  ]);
  const before = await snapshot(world);
  await expect(world.install("app")).rejects.toMatchObject({ code: "HASH_MISMATCH" });
  expect(await snapshot(world)).toEqual(before);
});

test.each([
  ["no version fits", { tags: "^3.0.0" }, "REQUIREMENT_UNMET", "the newest that is offered is 2.0.0"],
  ["no registry offers it", { nothing: "*" }, "REQUIREMENT_UNMET", "no registry here offers it"],
  [
    "an installed plugin needs another one",
    { tags: "^2.0.0" },
    "REQUIREMENT_BROKEN",
    "other 1.0.0 needs tags",
  ],
])("where %s, it says so, and which version could be installed", async (_, plugins, code, words) => {
  const app = needing("app", plugins, "2.0.0");
  app.versions.push(...offered("app", ["1.0.0"]).versions);
  const tags = offered("tags", ["1.0.0", "2.0.0"]);
  const world = await openWorld([app, tags, needing("other", { tags: "^1.0.0" })]);
  await world.install("other");
  const refused = await world.install("app").catch((error: unknown) => error);
  expect(refused).toMatchObject({ code, message: expect.stringContaining(words) });
  expect(refused).toMatchObject({ hint: expect.stringContaining("`hitagi install app --version 1.0.0`") });
  expect((await world.plan("app")).conflicts).toMatchObject([{ code }]);
  expect(await world.install("app", { ignoreRequirements: true })).toMatchObject({
    version: "2.0.0",
    warnings: [{ code }],
  });
});

test("a version that needs another Hitagi is not installed", async () => {
  const world = await openWorld([offered("app", ["1.0.0"], { requires: { hitagi: ">=99.0.0" } })]);
  await expect(world.install("app")).rejects.toMatchObject({ code: "HITAGI_NEEDED" });
  expect(active(world)).toEqual({});
});

test("another registry brings what is needed only by the owner's word; what is installed counts", async () => {
  const world = await openWorld([needing("app", { tags: "*" })]);
  const other = await world.addRegistry([offered("tags", ["1.0.0"])]);
  await expect(world.install("app")).rejects.toMatchObject({ code: "REQUIREMENT_ELSEWHERE" });
  const { required } = await world.install("app", { otherRegistries: true });
  expect(required).toMatchObject([{ namespace: "tags", registry: other.registry }]);
  await world.installer.uninstall("app");
  await world.install("app");
  expect(active(world)).toEqual({ app: "1.0.0", tags: "1.0.0" });
});

test("a plugin that its owner holds is not upgraded for another one", async () => {
  const tags = offered("tags", ["1.0.0", "2.0.0"]);
  const world = await openWorld([needing("app", { tags: "^2.0.0" }), tags]);
  await world.install("tags", { version: "1.0.0" });
  const hold = { at: "1.0.0", since: 1 };
  await world.store.plugins.changeUpdates("tags", { hold });
  world.active.patch("tags", { updates: { hold } });
  await expect(world.install("app")).rejects.toMatchObject({
    code: "REQUIREMENT_UNMET",
    message: expect.stringContaining("it is held at 1.0.0"),
  });
  expect(active(world)).toEqual({ tags: "1.0.0" });
});

test("a needed plugin is not removed, unless by the owner's word", async () => {
  const world = await openWorld([needing("app", { tags: "*" }), offered("tags", ["1.0.0"])]);
  await world.install("app");
  await expect(world.installer.uninstall("tags")).rejects.toMatchObject({
    code: "PLUGIN_REQUIRED",
    message: "tags is needed by app (*).",
  });
  await world.installer.uninstall("tags", { ignoreRequirements: true });
  await world.installer.uninstall("app");
  expect(active(world)).toEqual({});
});

test("an upgrade brings what it needs, and does not break what others need", async () => {
  const app = needing("app", { tags: "^1.0.0" }, "1.0.0");
  const tags = offered("tags", ["1.0.0"]);
  const world = await openWorld([app, tags]);
  await world.install("app");
  const newTags = { ...tags, versions: offered("tags", ["1.0.0", "2.0.0"]).versions };
  await world.publish([app, newTags]);
  await world.catalog.refresh(world.registry);
  expect(await world.installer.upgrade(undefined, false)).toMatchObject([
    { namespace: "tags", error: { code: "REQUIREMENT_BROKEN" } },
  ]);
  app.versions.push(...needing("app", { tags: "^2.0.0" }, "2.0.0").versions);
  await world.publish([app, newTags]);
  await world.catalog.refresh(world.registry);
  const upgraded = await world.installer.upgrade(undefined, false);
  expect(upgraded.map(({ namespace, error }) => [namespace, error])).toEqual([
    ["app", null],
    ["tags", null],
  ]);
  expect(active(world)).toEqual({ app: "2.0.0", tags: "2.0.0" });
});

test("an automatic update installs no new plugin", async () => {
  const app = offered("app", ["1.0.0"]);
  const world = await openWorld([app, offered("tags", ["1.0.0"])], { now: () => 4_000_000_000 });
  await world.install("app");
  app.versions.push(...needing("app", { tags: "*" }, "1.1.0").versions);
  await world.publish([app, offered("tags", ["1.0.0"])]);
  await world.catalog.refresh(world.registry);
  await world.documents.change(installPolicy, ({ value }) => ({
    ...value,
    age: { ...value.age, hours: 0 },
  }));
  const [automatic] = await world.installer.upgrade(undefined, false, { isAutomatic: true });
  expect(automatic?.error).toMatchObject({ code: "REQUIREMENT_NEW" });
  expect(active(world)).toEqual({ app: "1.0.0" });
  expect(await world.installer.upgrade(undefined, false)).toMatchObject([{ error: null }]);
  expect(active(world)).toEqual({ app: "1.1.0", tags: "1.0.0" });
});

test("an upgrade grants a new plugin that it brings nothing without the owner's word", async () => {
  const app = offered("app", ["1.0.0"]);
  const tags = offered("tags", ["1.0.0"], { permissions: { net: ["tags.example"], library: "write" } });
  const world = await openWorld([app, tags]);
  await world.install("app");
  app.versions.push(...needing("app", { tags: "*" }, "1.1.0").versions);
  await world.publish([app, tags]);
  await world.catalog.refresh(world.registry);
  expect(await world.installer.upgrade(undefined, false)).toMatchObject([
    { error: { code: "GRANT_NEEDED" } },
  ]);
  expect(active(world)).toEqual({ app: "1.0.0" });
  expect(await world.installer.upgrade(undefined, true)).toMatchObject([{ error: null }]);
  expect(active(world)).toEqual({ app: "1.1.0", tags: "1.0.0" });
});

test("an upgrade puts only what its preview showed in place, of the plugin and of what it brings", async () => {
  const app = offered("app", ["1.0.0"]);
  const asking = { permissions: { net: ["tags.example"] } };
  const tags = offered("tags", ["1.0.0"], asking);
  const world = await openWorld([app, tags]);
  await world.install("app");
  const publish = async (...plugins: Parameters<World["publish"]>[0]) => {
    await world.publish(plugins);
    await world.catalog.refresh(world.registry);
  };
  app.versions.push(...needing("app", { tags: "*" }, "1.1.0").versions);
  await publish(app, tags);
  const before = await snapshot(world);
  const upgrades = await world.installer.planUpgrades(undefined);
  expect(upgrades).toMatchObject([
    {
      ...{ namespace: "app", from: "1.0.0", to: "1.1.0", error: null },
      plan: { conflicts: [], requires: [{ namespace: "tags", permissions: { asks: asking.permissions } }] },
    },
  ]);
  expect(await snapshot(world)).toEqual(before);
  const shown = shownUpgrades(upgrades);
  const newTags = offered("tags", ["1.0.0", "1.1.0"], { permissions: { net: ["evil.example"] } });
  await publish(app, newTags);
  const upgradeTo = (versions: typeof shown) => world.installer.upgrade(undefined, true, { shown: versions });
  expect(await upgradeTo(shown)).toMatchObject([
    { error: { code: "INSTALL_SET_CHANGED", message: expect.stringContaining("tags 1.1.0") } },
  ]);
  const newer = { ...app, versions: [...app.versions, ...offered("app", ["1.2.0"], asking).versions] };
  await publish(newer, tags);
  expect(await upgradeTo(shown)).toMatchObject([
    { error: { code: "INSTALL_SET_CHANGED", message: expect.stringContaining("app 1.2.0") } },
  ]);
  expect(await snapshot(world)).toEqual(before);
  await publish(app, tags);
  expect(await upgradeTo(shown)).toMatchObject([{ error: null }]);
  expect(active(world)).toEqual({ app: "1.1.0", tags: "1.0.0" });
});

test("a preview of upgrades says of each plugin why there is none", async () => {
  const world = await openWorld([offered("app", ["1.0.0"])]);
  await world.install("app");
  expect(await world.installer.planUpgrades(undefined)).toEqual([]);
  expect(await world.installer.planUpgrades([toNamespace("app"), toNamespace("none")])).toMatchObject([
    { namespace: "app", plan: null, error: { code: "NO_UPDATE" } },
    { namespace: "none", plan: null, error: { code: "PLUGIN_NOT_INSTALLED" } },
  ]);
});

test("neither rollback, sideload nor move takes away what another plugin needs, unless by the owner's word", async () => {
  const tags = offered("tags", ["1.0.0", "2.0.0"]);
  const world = await openWorld([needing("app", { tags: "^2.0.0" }), tags]);
  const { installer } = world;
  const file = Buffer.from(pluginSource({ namespace: "tags", version: "1.5.0" }));
  await installer.sideload("tags.ts", file, true);
  await world.install("tags", { move: true, version: "1.0.0" });
  await world.install("app");
  const before = await snapshot(world);
  const changes = {
    "hitagi rollback tags 1.0.0": (word: object) => installer.rollback("tags", "1.0.0", word),
    "hitagi move tags --file tags.ts": (word: object) =>
      installer.sideload("tags.ts", file, true, { move: true, ...word }),
    "hitagi move tags": (word: object) => installer.moveToSideloaded("tags", word),
  };
  for (const [command, change] of Object.entries(changes)) {
    await expect(change({}), command).rejects.toMatchObject({
      code: "PLUGIN_REQUIRED",
      message: expect.stringMatching(/^tags is needed by app \(\^2\.0\.0\), and would be 1\.[05]\.0\.$/),
      hint: expect.stringContaining(`\`${command} --ignore-requirements\``),
    });
  }
  expect(await snapshot(world)).toEqual(before);
  const against = await installer.judgeReturns("tags");
  expect([...against.values()].map(({ code }) => code)).toEqual(["PLUGIN_REQUIRED", "PLUGIN_REQUIRED"]);
  for (const change of Object.values(changes)) {
    await change({ ignoreRequirements: true });
    await world.install("tags", { move: true, force: true, version: "2.0.0" });
  }
});

test("neither rollback, sideload nor move puts a version in place that lacks what it needs, unless by the owner's word", async () => {
  const app = needing("app", { tags: "^1.0.0" });
  app.versions.push(...needing("app", { tags: "^2.0.0" }, "2.0.0").versions);
  const world = await openWorld([app, offered("tags", ["1.0.0", "2.0.0"])]);
  const { installer } = world;
  const fileOf = (version: string, requires: Requirements) =>
    Buffer.from(pluginSource({ namespace: "app", version, requires }));
  const old = fileOf("0.9.0", { plugins: { tags: "^1.0.0" } });
  const future = fileOf("3.0.0", { hitagi: ">=99.0.0" });
  await world.install("tags", { version: "1.0.0" });
  await installer.sideload("app.ts", old, true);
  await world.install("app", { version: "1.0.0", move: true });
  await installer.upgrade(undefined, false);
  expect(active(world)).toEqual({ app: "2.0.0", tags: "2.0.0" });
  const before = await snapshot(world);
  const changes = {
    "hitagi rollback app 1.0.0": (word: object) => installer.rollback("app", "1.0.0", word),
    "hitagi move app": (word: object) => installer.moveToSideloaded("app", word),
    "hitagi move app --file app.ts": (word: object) =>
      installer.sideload("app.ts", old, true, { move: true, ...word }),
  };
  for (const [command, change] of Object.entries(changes))
    await expect(change({}), command).rejects.toMatchObject({
      code: "REQUIREMENT_LACKING",
      message: expect.stringMatching(
        /^app (?:1\.0|0\.9)\.0 needs tags \^1\.0\.0, and 2\.0\.0 is installed\.$/,
      ),
      hint: expect.stringContaining(`\`${command} --ignore-requirements\``),
    });
  await expect(installer.sideload("app.ts", future, true, { move: true })).rejects.toMatchObject({
    code: "HITAGI_NEEDED",
    hint: expect.stringContaining("`hitagi move app --file app.ts --ignore-requirements`"),
  });
  expect(await snapshot(world)).toEqual(before);
  const against = await installer.judgeReturns("app");
  expect([...against.values()].map(({ code }) => code)).toEqual([
    "REQUIREMENT_LACKING",
    "REQUIREMENT_LACKING",
  ]);
  for (const change of Object.values(changes)) {
    await change({ ignoreRequirements: true });
    // What the installed version lacks too is no reason against another one.
    await installer.sideload("app.ts", fileOf("0.9.1", { plugins: { tags: "^1.0.0" } }), true, {
      move: true,
    });
    await world.install("app", { move: true, force: true, version: "2.0.0" });
  }
});

test("a version that fits what others need can be gone back to", async () => {
  const tags = offered("tags", ["1.0.0", "1.1.0"]);
  const world = await openWorld([needing("app", { tags: "^1.0.0" }), tags]);
  await world.install("tags", { version: "1.0.0" });
  await world.install("tags");
  await world.install("app");
  await world.installer.rollback("tags");
  expect(active(world)).toMatchObject({ tags: "1.0.0" });
});

/** A world in which `app` needs `tags` and the policy waits a year for 1.2.0 of it, which a later index brought. */
const withYoungTags = async () => {
  let now = 4_000_000_000;
  const app = needing("app", { tags: "^1.0.0" });
  const world = await openWorld([app, offered("tags", ["1.0.0", "1.1.0"])], { now: () => now });
  now += 1;
  await world.publish([app, offered("tags", ["1.0.0", "1.1.0", "1.2.0"])]);
  await world.catalog.refresh(world.registry);
  await world.documents.change(installPolicy, ({ value }) => ({
    ...value,
    age: { ...value.age, hours: 8760, manual: true },
  }));
  return world;
};

test("an older version of what is needed is taken where the owner's rules refuse the newest, and that is said", async () => {
  const world = await withYoungTags();
  const warning = {
    code: "REQUIREMENT_NOT_NEWEST",
    message: expect.stringMatching(/^tags 1\.1\.0 is taken, because 1\.2\.0 is refused: /),
  };
  const plan = await world.plan("app");
  expect(plan).toMatchObject({ conflicts: [], requires: [{ namespace: "tags", version: "1.1.0" }] });
  expect(plan.warnings).toContainEqual(expect.objectContaining(warning));
  expect((await world.install("app")).warnings).toContainEqual(expect.objectContaining(warning));
  expect(active(world)).toEqual({ app: "1.0.0", tags: "1.1.0" });
});

test("where the owner's rules refuse all versions of what is needed, the newest says why", async () => {
  const world = await withYoungTags();
  await world.documents.change(installPolicy, ({ value }) => ({ ...value, runtimes: ["perl" as const] }));
  const { conflicts } = await world.plan("app");
  expect(conflicts.map(({ code }) => code)).toEqual(["RUNTIME_NOT_ALLOWED", "RUNTIME_NOT_ALLOWED"]);
  expect(conflicts[1]?.message).toContain("tags");
});

test("an automatic update takes the version of what it needs that asks for nothing new", async () => {
  const app = needing("app", { tags: "*" });
  const tags = offered("tags", ["1.0.0"]);
  const world = await openWorld([app, tags], { now: () => 4_000_000_000 });
  await world.documents.change(installPolicy, ({ value }) => ({ ...value, age: { ...value.age, hours: 0 } }));
  await world.install("app");
  app.versions.push(...needing("app", { tags: ">1.0.0" }, "1.1.0").versions);
  tags.versions.push(
    ...offered("tags", ["1.1.0"]).versions,
    ...offered("tags", ["1.2.0"], { permissions: { library: "write" } }).versions,
  );
  await world.publish([app, tags]);
  await world.catalog.refresh(world.registry);
  const plan = await world.plan("app", { version: "1.1.0", update: "automatic" });
  expect(plan).toMatchObject({ conflicts: [], requires: [{ namespace: "tags", version: "1.1.0" }] });
  const asked = await world.plan("app", { version: "1.1.0", update: "upgrade" });
  expect(asked.conflicts).toMatchObject([{ code: "PERMISSION_NEEDED" }]);
});
