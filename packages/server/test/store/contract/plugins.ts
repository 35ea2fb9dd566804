import { type ParameterValue, toNamespace } from "@hitagi/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { PluginCommit, Provenance, Store } from "../../../src/store/types.ts";
import { fresh, NOW, type OpenStore, upTo } from "./open.ts";

const sha = (digit: string): string => digit.repeat(64);

const provenance = (changes: Partial<Provenance> = {}): Provenance => ({
  path: "Sideloaded/title-suffix.ts",
  version: "1.0.0",
  registry: null,
  sha256: sha("a"),
  type: "metadata",
  ...changes,
});

const commit = (expect: string | undefined, changes: Partial<Provenance> = {}, now = NOW): PluginCommit => ({
  namespace: "title-suffix",
  expect,
  after: { provenance: provenance(changes), granted: { net: ["api.example.org"] } },
  now,
});

const installed = async (open: OpenStore): Promise<{ store: Store; reopen: () => Promise<Store> }> => {
  const opened = await fresh(open);
  await opened.store.plugins.commit(commit(undefined));
  return opened;
};

const settingName = fc.constantFrom("a", "b", "__proto__", "constructor", "toString", "c_1");
const settingValue = fc.option(fc.oneof(fc.boolean(), fc.integer(), fc.string({ maxLength: 20 })), {
  nil: null,
});

export const pluginContract = (open: OpenStore): void => {
  test("an unknown namespace has no record", async () => {
    const { store } = await fresh(open);
    expect(await store.plugins.get("title-suffix")).toBeUndefined();
    expect(await store.plugins.list()).toEqual([]);
    expect(await store.plugins.versions("title-suffix")).toEqual([]);
  });

  test("a plugin may move between the folders of LANraragi and Hitagi's own, and keeps its flags and settings", async () => {
    const { store, reopen } = await fresh(open);
    const inFolder = (folder: string, digit: string) => ({
      path: `${folder}/Metadata/a.pm`,
      sha256: sha(digit),
    });
    await store.plugins.commit(commit(undefined, inFolder("Managed", "a")));
    await store.plugins.configure("title-suffix", { enabled: true, priority: 3 });
    await store.plugins.set("title-suffix", { text: "x", yes: true });
    await store.plugins.commit(commit(sha("a"), inFolder("Hitagi", "b")));
    const kept = { enabled: true, priority: 3, settings: { text: "x", yes: true } };
    const again = await reopen();
    expect(await again.plugins.get("title-suffix")).toMatchObject({
      ...kept,
      provenance: inFolder("Hitagi", "b"),
    });
    expect(await again.plugins.ownersOf("Hitagi/Metadata/a.pm")).toEqual(["title-suffix"]);
    expect(await again.plugins.ownersOf("Managed/Metadata/a.pm")).toEqual([]);
    await again.plugins.commit(commit(sha("b"), { ...inFolder("Hitagi", "c"), version: "1.0.0+abc" }));
    await again.plugins.quarantine("title-suffix", { reason: "r", since: 1 }, sha("b"));
    expect(await again.plugins.get("title-suffix")).toMatchObject({ quarantine: undefined });
    await again.plugins.quarantine("title-suffix", { reason: "r", since: 1, cause: "changed" }, sha("c"));
    await again.plugins.set("title-suffix", { text: null });
    expect(await again.plugins.get("title-suffix")).toMatchObject({
      ...{ ...kept, settings: { yes: true } },
      provenance: { version: "1.0.0+abc" },
      quarantine: { reason: "r", cause: "changed" },
    });
    await again.plugins.commit({ namespace: "title-suffix", expect: sha("c"), after: undefined, now: NOW });
    expect((await again.plugins.get("title-suffix"))?.provenance).toBeUndefined();
    expect(await again.plugins.named([sha("c")])).toEqual(new Set([sha("c")]));
    await again.plugins.commit(commit(undefined, inFolder("Managed", "d")));
    expect((await again.plugins.get("title-suffix"))?.provenance).toMatchObject(inFolder("Managed", "d"));
  });

  test("a commit makes the record, in any case of the namespace", async () => {
    const { store, reopen } = await fresh(open);
    await store.plugins.commit({ ...commit(undefined), namespace: toNamespace("Title-Suffix") });
    const record = {
      namespace: "title-suffix",
      type: "metadata",
      provenance: provenance(),
      settings: {},
      secrets: {},
      enabled: false,
      hidden: false,
      priority: 0,
      granted: { net: ["api.example.org"] },
      quarantine: undefined,
    };
    expect(await store.plugins.get(toNamespace("TITLE-SUFFIX"))).toEqual(record);
    expect(await (await reopen()).plugins.list()).toEqual([record]);
  });

  test("the owner's choices about updates are kept, changed one by one, and survive other changes", async () => {
    const { store, reopen } = await installed(open);
    const hold = { at: "1.0.0", note: 'a note, with "quotes" and 日本', since: NOW };
    const skipped = (version: string) => ({ version, reason: "skipped" as const, since: NOW });
    const updates = async (from: Store) => (await from.plugins.get("title-suffix"))?.updates;
    expect(await updates(store)).toBeUndefined();
    await store.plugins.changeUpdates("title-suffix", { hold, automatic: false });
    await store.plugins.changeUpdates("title-suffix", { skip: [skipped("2.0.0"), skipped("1.5.0+b")] });
    await store.plugins.set("title-suffix", { text: "x" });
    await store.plugins.commit(commit(sha("a"), { sha256: sha("b"), version: "1.1.0" }));
    const all = { hold, skipped: [skipped("1.5.0+b"), skipped("2.0.0")], automatic: false };
    const again = await reopen();
    expect(await updates(again)).toEqual(all);
    await again.plugins.changeUpdates("title-suffix", {
      hold: null,
      automatic: null,
      unskip: ["1.5.0+b"],
      skip: [{ ...skipped("2.0.0"), note: "again" }],
    });
    expect(await updates(again)).toEqual({ skipped: [{ ...skipped("2.0.0"), note: "again" }] });
    await again.plugins.changeUpdates("title-suffix", { unskip: ["2.0.0", "9.9.9"] });
    expect(await updates(await reopen())).toBeUndefined();
    await expect(again.plugins.changeUpdates("nobody", { automatic: true })).rejects.toMatchObject({
      code: "PLUGIN_NOT_FOUND",
    });
  });

  test("a commit notes why the version before is left, and changes the choices in the same step", async () => {
    const { store, reopen } = await installed(open);
    const left = { at: NOW, reason: "upgraded" as const };
    const skip = [{ version: "2.0.0", reason: "rolled_back" as const, since: NOW }];
    const next = commit(sha("a"), { sha256: sha("b"), version: "2.0.0" });
    await store.plugins.commit({ ...next, left, updates: { skip } });
    const again = await reopen();
    const reasons = async () =>
      (await again.plugins.versions("title-suffix")).map((one) => [one.version, one.left]);
    expect(await reasons()).toEqual([
      ["2.0.0", undefined],
      ["1.0.0", left],
    ]);
    expect((await again.plugins.get("title-suffix"))?.updates).toEqual({ skipped: skip });
    await again.plugins.commit({ ...commit(sha("b")), left: { at: NOW, reason: "rolled_back" } });
    expect(await reasons()).toEqual([
      ["1.0.0", undefined],
      ["2.0.0", { at: NOW, reason: "rolled_back" }],
    ]);
    const refused = commit(sha("f"), { sha256: sha("c") });
    await expect(
      again.plugins.commit({ ...refused, left, updates: { automatic: true } }),
    ).rejects.toMatchObject({ code: "PLUGIN_CHANGED" });
    expect((await again.plugins.get("title-suffix"))?.updates?.automatic).toBeUndefined();
  });

  test("a removal can drop settings, secrets, flags and choices, and keeps the versions", async () => {
    const { store, reopen } = await installed(open);
    await store.plugins.set("title-suffix", { text: "x", key: "secret" }, { key: "sideloaded" });
    await store.plugins.configure("title-suffix", { enabled: true, priority: 4 });
    await store.plugins.changeUpdates("title-suffix", { automatic: true });
    const removal = { namespace: toNamespace("title-suffix"), expect: sha("a"), after: undefined, now: NOW };
    await store.plugins.commit({ ...removal, dropsSettings: true });
    const again = await reopen();
    expect(await again.plugins.get("title-suffix")).toMatchObject({
      ...{ type: "metadata", provenance: undefined, settings: {}, secrets: {}, granted: {} },
      ...{ enabled: false, hidden: false, priority: 0, updates: undefined },
    });
    expect(await again.plugins.versions("title-suffix")).toHaveLength(1);
    await again.plugins.commit(commit(undefined));
    expect((await again.plugins.get("title-suffix"))?.settings).toEqual({});
  });

  test("commits of several plugins are made together, or none of them", async () => {
    const { store, reopen } = await installed(open);
    const other = (expected: string | undefined): PluginCommit => ({
      ...commit(expected, { path: "Sideloaded/other.ts", sha256: sha("d") }),
      namespace: "other",
    });
    const next = commit(sha("a"), { sha256: sha("b"), version: "1.1.0" });
    for (const order of [
      [next, other(sha("e"))],
      [other(sha("e")), next],
    ])
      await expect(store.plugins.commit(...order)).rejects.toMatchObject({
        code: "PLUGIN_CHANGED",
        params: { namespace: "other" },
      });
    const gone = {
      ...other(undefined),
      after: { provenance: provenance({ registry: "REG_0000000009" }), granted: {} },
    };
    await expect(store.plugins.commit(next, gone)).rejects.toMatchObject({ code: "REGISTRY_NOT_FOUND" });
    expect(await store.plugins.get("other")).toBeUndefined();
    expect((await store.plugins.get("title-suffix"))?.provenance?.version).toBe("1.0.0");
    await store.plugins.commit(other(undefined), { ...next, updates: { automatic: true } });
    const again = await reopen();
    expect(await again.plugins.get("other")).toMatchObject({ provenance: { sha256: sha("d") } });
    expect(await again.plugins.get("title-suffix")).toMatchObject({
      provenance: { version: "1.1.0" },
      updates: { automatic: true },
    });
  });

  test("a commit on another state than the planned one is rejected and changes nothing", async () => {
    const { store } = await installed(open);
    const before = await store.plugins.get("title-suffix");
    for (const expected of [undefined, sha("b")]) {
      const change = commit(expected, { sha256: sha("c"), version: "2.0.0" });
      await expect(store.plugins.commit(change)).rejects.toMatchObject({ code: "PLUGIN_CHANGED" });
      await expect(store.plugins.commit({ ...change, after: undefined })).rejects.toMatchObject({
        code: "PLUGIN_CHANGED",
      });
    }
    expect(await store.plugins.get("title-suffix")).toEqual(before);
    expect(await store.plugins.versions("title-suffix")).toHaveLength(1);
  });

  test("of a hundred commits on one state, one wins and is recorded", async () => {
    const { store } = await installed(open);
    const versions = upTo(100).map((i) => i.toString(16).padStart(64, "0"));
    const results = await Promise.allSettled(
      versions.map((sha256) => store.plugins.commit(commit(sha("a"), { sha256 }))),
    );
    const won = versions.filter((_, i) => results[i]?.status === "fulfilled");
    expect(won).toHaveLength(1);
    expect((await store.plugins.get("title-suffix"))?.provenance?.sha256).toBe(won[0]);
    expect(await store.plugins.versions("title-suffix")).toHaveLength(2);
  });

  test("a commit under a lost lock is rejected and changes nothing", async () => {
    const { store } = await installed(open);
    const lock = await store.locks.tryAcquire("plugin:title-suffix");
    const other = await store.locks.tryAcquire("file:one");
    if (!lock || !other) throw new Error("no other process holds them");
    await other.release();
    const change = { ...commit(sha("a"), { sha256: sha("b") }), under: [lock, other] };
    await expect(store.plugins.commit(change)).rejects.toMatchObject({ code: "LOCK_LOST" });
    await store.locks.tryAcquire("file:one");
    await expect(store.plugins.commit(change)).rejects.toMatchObject({ params: { what: "file:one" } });
    expect((await store.plugins.get("title-suffix"))?.provenance?.sha256).toBe(sha("a"));
    await store.plugins.commit({ ...change, under: [lock] });
    expect((await store.plugins.get("title-suffix"))?.provenance?.sha256).toBe(sha("b"));
  });

  test("a commit from a deleted registry is rejected, unless it restores a kept version", async () => {
    const { store } = await fresh(open);
    const { id } = await store.registries.create({ name: "r", provider: "cdn", url: "https://e.org" }, NOW);
    const change = commit(undefined, { registry: id });
    await store.registries.delete(id);
    await expect(store.plugins.commit(change)).rejects.toMatchObject({ code: "REGISTRY_NOT_FOUND" });
    expect(await store.plugins.get("title-suffix")).toBeUndefined();
    expect(await store.plugins.versions("title-suffix")).toEqual([]);
    const after = { provenance: provenance({ registry: id }), granted: {}, orphan: true };
    await store.plugins.commit({ ...change, after });
    expect((await store.plugins.get("title-suffix"))?.provenance?.registry).toBe(id);
  });

  test("a plugin outlives its registry", async () => {
    const { store } = await fresh(open);
    const { id } = await store.registries.create({ name: "r", provider: "cdn", url: "https://e.org" }, NOW);
    await store.plugins.commit(commit(undefined, { registry: id }));
    await store.registries.delete(id);
    expect((await store.plugins.get("title-suffix"))?.provenance?.registry).toBe(id);
  });

  test("a removal keeps settings, flags, type and versions, and deletes provenance and grants", async () => {
    const { store } = await installed(open);
    await store.plugins.set("title-suffix", { suffix: "-1" });
    await store.plugins.configure("title-suffix", { enabled: true, hidden: true, priority: -3 });
    await store.plugins.commit({ namespace: "title-suffix", expect: sha("a"), after: undefined, now: NOW });
    expect(await store.plugins.get("title-suffix")).toMatchObject({
      type: "metadata",
      provenance: undefined,
      granted: {},
      settings: { suffix: "-1" },
      enabled: true,
      hidden: true,
      priority: -3,
    });
    expect(await store.plugins.versions("title-suffix")).toHaveLength(1);
    await store.plugins.commit(commit(undefined));
    expect(await store.plugins.get("title-suffix")).toMatchObject({
      settings: { suffix: "-1" },
      priority: -3,
    });
  });

  test("a removal without a record makes none", async () => {
    const { store } = await fresh(open);
    await store.plugins.commit({ namespace: "ghost", expect: undefined, after: undefined, now: NOW });
    expect(await store.plugins.get("ghost")).toBeUndefined();
  });

  test("versions are kept, the one installed last first, each once", async () => {
    const { store, reopen } = await installed(open);
    await store.plugins.commit(commit(sha("a"), { sha256: sha("b"), version: "2.0.0" }, NOW));
    await store.plugins.commit(commit(sha("b"), { sha256: sha("a") }, NOW + 5));
    const versions = await (await reopen()).plugins.versions(toNamespace("Title-Suffix"));
    expect(versions.map((v) => v.sha256)).toEqual([sha("a"), sha("b")]);
    expect(versions[0]).toEqual({
      version: "1.0.0",
      sha256: sha("a"),
      registry: null,
      installed: NOW + 5,
      path: "Sideloaded/title-suffix.ts",
      type: "metadata",
      granted: { net: ["api.example.org"] },
    });
  });

  test("the versions that were installed last stay, and another namespace keeps its own", async () => {
    const { store } = await installed(open);
    await store.plugins.commit({ ...commit(undefined), namespace: "other" });
    const hashes = ["b", "c", "d"].map(sha);
    for (const [i, sha256] of hashes.entries())
      await store.plugins.commit(commit(hashes[i - 1] ?? sha("a"), { sha256 }));
    expect(await store.plugins.prune(toNamespace("TITLE-suffix"), 4)).toEqual([]);
    expect(await store.plugins.prune(toNamespace("TITLE-suffix"), 2)).toEqual([sha("b")]);
    const kept = await store.plugins.versions("title-suffix");
    expect(kept.map(({ sha256 }) => sha256)).toEqual([sha("d"), sha("c")]);
    expect(await store.plugins.versions("other")).toHaveLength(1);
    expect(await store.plugins.prune("ghost", 1)).toEqual([]);
  });

  test("the hashes of records and kept versions of all namespaces are named, and no others", async () => {
    const { store, reopen } = await fresh(open);
    const namespaces = ["one", "Two-2", "three_3"] as const;
    const hashes = ["a", "b", "c", "d"].map(sha);
    const placed = new Map<string, string>();
    const kept = new Map<string, string[]>();
    const step = fc.tuple(fc.constantFrom(...namespaces), fc.option(fc.constantFrom(...hashes)), fc.nat(2));
    const check = async (from: Store): Promise<void> => {
      const named = [...placed.values(), ...[...kept.values()].flat()];
      expect([...(await from.plugins.named(hashes))].sort()).toEqual([...new Set(named)].sort());
    };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        for (const [namespace, sha256, keep] of steps) {
          const change = {
            ...commit(placed.get(namespace), { sha256: sha256 ?? sha("f") }),
            namespace: toNamespace(namespace),
          };
          await store.plugins.commit(sha256 === null ? { ...change, after: undefined } : change);
          const before = kept.get(namespace) ?? [];
          if (sha256 === null) placed.delete(namespace);
          else placed.set(namespace, sha256);
          const versions = sha256 === null ? before : [sha256, ...before.filter((one) => one !== sha256)];
          kept.set(namespace, versions.slice(0, keep));
          const unnamed = await store.plugins.prune(toNamespace(namespace), keep);
          const named = [...placed.values(), ...[...kept.values()].flat()];
          expect(unnamed.sort()).toEqual(
            versions
              .slice(keep)
              .filter((one) => !named.includes(one))
              .sort(),
          );
          await check(store);
        }
      }),
      { numRuns: 20 },
    );
    await check(await reopen());
  });

  test("a path belongs to the installed plugin, in any case, and to none after a move or a removal", async () => {
    const { store, reopen } = await installed(open);
    const owners = (from: Store, path: string) => from.plugins.ownersOf(path);
    const [path, moved] = ["Sideloaded/title-suffix.ts", "Managed/Metadata/Title.ts"];
    expect(await owners(store, path.toUpperCase())).toEqual(["title-suffix"]);
    expect(await owners(store, "Sideloaded/title-suffix")).toEqual([]);
    await store.plugins.commit({ ...commit(undefined), namespace: toNamespace("Other") });
    expect(await owners(store, path)).toEqual(["other", "title-suffix"]);
    await store.plugins.commit(commit(sha("a"), { sha256: sha("b"), path: moved }));
    await store.plugins.commit({ ...commit(sha("a")), namespace: "other", after: undefined });
    const again = await reopen();
    expect(await owners(again, path)).toEqual([]);
    expect(await owners(again, moved.toLowerCase())).toEqual(["title-suffix"]);
  });

  test("registering makes a record once and adds only a missing type", async () => {
    const { store } = await fresh(open);
    await store.plugins.register(toNamespace("CopyTags"), "metadata");
    await store.plugins.configure("copytags", { enabled: true });
    await store.plugins.register("copytags", "script");
    const records = await store.plugins.list();
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ namespace: "copytags", type: "metadata", enabled: true });
    expect(records[0]?.provenance).toBeUndefined();
  });

  test("flags change one by one", async () => {
    const { store } = await installed(open);
    await store.plugins.configure("title-suffix", { enabled: true, priority: 7 });
    await store.plugins.configure("title-suffix", { hidden: true });
    await store.plugins.configure(toNamespace("Title-Suffix"), { enabled: false });
    expect(await store.plugins.get("title-suffix")).toMatchObject({
      enabled: false,
      hidden: true,
      priority: 7,
    });
  });

  test("settings behave like a plain map", async () => {
    const { store } = await installed(open);
    const change = fc.dictionary(settingName, settingValue, { maxKeys: 4, noNullPrototype: true });
    const model = new Map<string, ParameterValue>();
    const apply = async (values: Record<string, ParameterValue | null>): Promise<void> => {
      await store.plugins.set(toNamespace("Title-Suffix"), values);
      for (const [name, value] of Object.entries(values)) {
        if (value === null) model.delete(name);
        else model.set(name, value);
      }
      const kept = (await store.plugins.get("title-suffix"))?.settings ?? {};
      expect(new Map(Object.entries(kept))).toEqual(model);
    };
    await fc.assert(fc.asyncProperty(change, apply), { numRuns: 60 });
  });

  test("a hundred settings set at once are all kept", async () => {
    const { store } = await installed(open);
    await Promise.all(upTo(100).map((i) => store.plugins.set("title-suffix", { [`s${i}`]: i })));
    expect(Object.keys((await store.plugins.get("title-suffix"))?.settings ?? {})).toHaveLength(100);
  });

  test("the names of secret settings, with their sources, outlive the plugin", async () => {
    const { store, reopen } = await installed(open);
    const secretsOf = async (from: Store) => (await from.plugins.get("title-suffix"))?.secrets;
    await store.plugins.set(
      toNamespace("Title-Suffix"),
      { a: "1", b: "2", __proto__: "3" },
      { a: "REG_0000000001", b: "sideloaded" },
    );
    const both = { a: "REG_0000000001", b: "sideloaded" };
    expect(await secretsOf(store)).toEqual(both);
    await store.plugins.set("title-suffix", { c: "plain" });
    expect(await secretsOf(store)).toEqual(both);
    await store.plugins.commit({ namespace: "title-suffix", expect: sha("a"), after: undefined, now: NOW });
    const reopened = await reopen();
    expect(await secretsOf(reopened)).toEqual(both);
    await reopened.plugins.set("title-suffix", { a: null });
    expect(await secretsOf(reopened)).toEqual({ b: "sideloaded" });
    await reopened.plugins.set("title-suffix", { b: "no secret any more" });
    expect(await secretsOf(reopened)).toEqual({});
  });

  test("grants are replaced", async () => {
    const { store } = await installed(open);
    for (const granted of [{ library: "read" as const, files: ["/srv/tags.db", "/srv/文庫"] }, {}]) {
      await store.plugins.grant(toNamespace("Title-Suffix"), granted);
      expect((await store.plugins.get("title-suffix"))?.granted).toEqual(granted);
    }
  });

  test("a quarantine is set, lifted by hand, and lifted by a commit", async () => {
    const { store } = await installed(open);
    const quarantine = { reason: "It crashed 3 times.", since: NOW };
    const state = async () => (await store.plugins.get("title-suffix"))?.quarantine;
    await store.plugins.quarantine(toNamespace("Title-Suffix"), quarantine);
    expect(await state()).toEqual(quarantine);
    await store.plugins.quarantine("title-suffix", undefined);
    expect(await state()).toBeUndefined();
    await store.plugins.quarantine("title-suffix", quarantine);
    await store.plugins.commit(commit(sha("a"), { sha256: sha("b") }));
    expect(await state()).toBeUndefined();
    await store.plugins.quarantine("title-suffix", quarantine, sha("a"));
    expect(await state()).toBeUndefined();
    await store.plugins.quarantine("title-suffix", quarantine, sha("b"));
    expect(await state()).toEqual(quarantine);
    await store.plugins.quarantine("title-suffix", undefined, sha("a"));
    expect(await state()).toEqual(quarantine);
    await store.plugins.register("by-hand", "script");
    await store.plugins.quarantine("by-hand", quarantine, sha("a"));
    expect((await store.plugins.get("by-hand"))?.quarantine).toEqual(quarantine);
    await store.plugins.quarantine("ghost", quarantine);
    expect(await store.plugins.get("ghost")).toBeUndefined();
  });

  test("a change of a namespace without a record is rejected", async () => {
    const { store } = await fresh(open);
    const refusal = { code: "PLUGIN_NOT_FOUND" };
    await expect(store.plugins.configure("ghost", { enabled: true })).rejects.toMatchObject(refusal);
    await expect(store.plugins.set("ghost", { a: 1 })).rejects.toMatchObject(refusal);
    await expect(store.plugins.grant("ghost", {})).rejects.toMatchObject(refusal);
    expect(await store.plugins.list()).toEqual([]);
  });
};
