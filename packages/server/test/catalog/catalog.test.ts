import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { OfferedDetail, OfferedPlugin, toNamespace, Update } from "@hitagi/contract";
import { Check } from "typebox/value";
import { beforeEach, describe, expect, test } from "vitest";
import { type FixturePlugin, writeRegistry } from "../support/registry-fixture.ts";
import { openWorld, type World } from "./world.ts";

const plugin = (
  namespace: string,
  versions: string[],
  more: { type?: FixturePlugin["type"]; author?: string; description?: string } = {},
): FixturePlugin => {
  const { type = "metadata", ...texts } = more;
  return {
    namespace,
    type,
    versions: versions.map((version) => ({ version, source: `"${namespace} ${version}"`, ...texts })),
  };
};
const all = { page: 1, size: 50 };

let world: World;
let main: { id: string; folder: string };
let other: { id: string; folder: string };
beforeEach(async () => {
  world = await openWorld();
  main = await world.addLocal("main");
  other = await world.addLocal("other");
  await writeRegistry(main.folder, [
    plugin("tags", ["1.0.0", "1.10.0", "1.9.0", "2.0.0-rc.1"], { author: "Žofie" }),
    plugin("copytags", ["1.0.0"], { description: "Copies tags from ANOTHER archive" }),
    plugin("tags-more", ["1.0.0"], { type: "script" }),
    plugin("preview-only", ["1.0.0-beta.1", "1.0.0-beta.2"], { type: "login" }),
  ]);
  await writeRegistry(other.folder, [
    plugin("tags", ["3.0.0"]),
    plugin("direct", ["1.0.0"], { type: "download" }),
  ]);
  await world.catalog.refresh(main.id);
  await world.catalog.refresh(other.id);
});

const found = async (filter: Partial<Parameters<World["catalog"]["search"]>[0]>) =>
  (await world.catalog.search({ ...all, ...filter })).items.map(
    ({ namespace, registry }) => `${namespace}${registry === other.id ? " (other)" : ""}`,
  );

describe("search", () => {
  test("sorts by namespace, then by the age of the registry", async () => {
    expect(await found({})).toEqual([
      "copytags",
      "direct (other)",
      "preview-only",
      "tags",
      "tags (other)",
      "tags-more",
    ]);
  });

  test("sorts the exact namespace first, then prefixes, then the rest", async () => {
    expect(await found({ q: "tags" })).toEqual(["tags", "tags (other)", "tags-more", "copytags"]);
  });

  test.each([
    ["TAGS-MORE", ["tags-more"]],
    ["another", ["copytags"]],
    ["žofie", ["tags"]],
    [" ŽOF ", ["tags"]],
    ["the direct", ["direct (other)"]],
    ["no such thing", []],
  ])("finds %j in namespace, name, author and description, ignoring case", async (q, expected) => {
    expect(await found({ q })).toEqual(expected);
  });

  test("filters by type and registry", async () => {
    expect(await found({ type: "login" })).toEqual(["preview-only"]);
    expect(await found({ registry: other.id })).toEqual(["direct (other)", "tags (other)"]);
    expect(await found({ registry: other.id, type: "metadata", q: "tags" })).toEqual(["tags (other)"]);
  });

  test("filters by installed and by available update", async () => {
    world.installed.set("tags", { version: "1.9.0", registry: main.id });
    world.installed.set("copytags", { version: "1.0.0", registry: main.id });
    world.installed.set("direct", { version: "0.1.0", registry: null });
    expect(await found({ installed: true })).toEqual(["copytags", "direct (other)", "tags", "tags (other)"]);
    expect(await found({ installed: false })).toEqual(["preview-only", "tags-more"]);
    expect(await found({ update: true })).toEqual(["tags"]);
    expect(await found({ update: false, installed: true })).toEqual([
      "copytags",
      "direct (other)",
      "tags (other)",
    ]);
  });

  test("returns each offer in the contract's form with the installed version", async () => {
    world.installed.set("tags", { version: "1.9.0", registry: main.id });
    const { items } = await world.catalog.search({ ...all, q: "tags" });
    for (const item of items) expect(Check(OfferedPlugin, item)).toBe(true);
    expect(items.slice(0, 3)).toMatchObject([
      { namespace: "tags", version: "1.10.0", versions: 4, installed: "1.9.0", update: "1.10.0" },
      { namespace: "tags", version: "3.0.0", versions: 1, installed: "1.9.0", update: null },
      { namespace: "tags-more", installed: null, update: null },
    ]);
  });

  test("pages one list", async () => {
    const pages = await Promise.all([1, 2, 3, 4].map((page) => world.catalog.search({ page, size: 2 })));
    expect(pages.map(({ total, page, size, items }) => [total, page, size, items.length])).toEqual([
      [6, 1, 2, 2],
      [6, 2, 2, 2],
      [6, 3, 2, 2],
      [6, 4, 2, 0],
    ]);
    expect(pages.flatMap(({ items }) => items)).toEqual((await world.catalog.search(all)).items);
  });

  test("requires the given registry to exist and to be refreshed", async () => {
    const fresh = await world.addLocal("fresh");
    await expect(found({ registry: fresh.id })).rejects.toMatchObject({
      code: "REGISTRY_NOT_REFRESHED",
      message: expect.stringContaining("No registry index cached"),
    });
    await expect(found({ registry: "REG_0000000001" })).rejects.toMatchObject({ code: "REGISTRY_NOT_FOUND" });
    expect(await found({})).toHaveLength(6);
  });

  test("needs no source after the index is cached", async () => {
    await rm(main.folder, { recursive: true });
    await rm(other.folder, { recursive: true });
    world.catalog.forget(main.id);
    expect(await found({ q: "tags" })).toHaveLength(4);
    expect((await world.catalog.offers("tags")).length).toBe(2);
  });

  test("omits a removed registry", async () => {
    expect(await found({ q: "direct" })).toHaveLength(1);
    await world.registries.delete(other.id);
    expect(await found({ q: "direct" })).toEqual([]);
  });
});

describe("the offers of a plugin", () => {
  test("come from every registry, newest version first", async () => {
    const offers = await world.catalog.offers(toNamespace("TAGS"));
    for (const offer of offers) expect(Check(OfferedDetail, offer)).toBe(true);
    expect(
      offers.map(({ registry, versions }) => [registry, versions.map(({ version }) => version)]),
    ).toEqual([
      [main.id, ["2.0.0-rc.1", "1.10.0", "1.9.0", "1.0.0"]],
      [other.id, ["3.0.0"]],
    ]);
  });

  test("are not found for a plugin that no registry offers", async () => {
    await expect(world.catalog.offers("nobody")).rejects.toMatchObject({ code: "PLUGIN_NOT_OFFERED" });
  });
});

describe("updates", () => {
  test("come from the plugin's own registry, and are prereleases only for an installed prerelease", async () => {
    world.installed.set("tags", { version: "1.10.0", registry: main.id });
    world.installed.set("copytags", { version: "0.9.0", registry: main.id });
    world.installed.set("preview-only", { version: "1.0.0-beta.1", registry: main.id });
    world.installed.set("direct", { version: "0.1.0", registry: null });
    world.installed.set("gone", { version: "0.1.0", registry: "REG_0000000001" });
    const updates = await world.catalog.updates();
    for (const update of updates) expect(Check(Update, update)).toBe(true);
    expect(updates).toEqual([
      { namespace: "copytags", registry: main.id, registryName: "main", installed: "0.9.0", update: "1.0.0" },
      {
        namespace: "preview-only",
        registry: main.id,
        registryName: "main",
        installed: "1.0.0-beta.1",
        update: "1.0.0-beta.2",
      },
    ]);
  });

  test("of a prerelease may be a version that an install does not choose", async () => {
    world.installed.set("tags", { version: "2.0.0-beta.9", registry: main.id });
    expect(await world.catalog.updates()).toMatchObject([{ namespace: "tags", update: "2.0.0-rc.1" }]);
    expect(await found({ update: true })).toEqual(["tags"]);
  });
});

describe("the version that an install chooses", () => {
  test.each([
    ["tags", undefined, "1.10.0"],
    ["Tags", "2.0.0-rc.1", "2.0.0-rc.1"],
    ["tags", "1.0.0", "1.0.0"],
    ["preview-only", undefined, "1.0.0-beta.2"],
  ])("of %s, requested %s, is %s", async (namespace, wanted, version) => {
    const resolved = await world.catalog.resolve(main.id, toNamespace(namespace), wanted);
    expect(resolved).toMatchObject({
      registry: main.id,
      plugin: { namespace: namespace.toLowerCase() },
      version: { version },
    });
    const bytes = await world.catalog.artifact(resolved);
    expect(bytes.toString()).toBe(`"${namespace.toLowerCase()} ${version}"`);
  });

  test.each([
    ["REG_0000000001", "tags", undefined, "REGISTRY_NOT_FOUND", "doesn't exist"],
    ["main", "nobody", undefined, "PLUGIN_NOT_IN_REGISTRY", "not found in registry"],
    ["main", "tags", "9.9.9", "VERSION_NOT_FOUND", "not found for plugin"],
    ["main", "tags", "constructor", "VERSION_NOT_FOUND", "not found for plugin"],
    ["main", "tags", "v1.0.0", "VERSION_NOT_FOUND", "not found for plugin"],
  ])("in %s of %s, requested %s, is refused with %s", async (registry, namespace, version, code, words) => {
    const id = registry === "main" ? main.id : registry;
    await expect(world.catalog.resolve(id, toNamespace(namespace), version)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
  });

  test("is refused in a registry that was never refreshed", async () => {
    const fresh = await world.addLocal("fresh");
    await expect(world.catalog.resolve(fresh.id, "tags")).rejects.toMatchObject({
      code: "REGISTRY_NOT_REFRESHED",
    });
  });
});

describe("an artifact", () => {
  test("larger than 1 MiB is refused", async () => {
    const resolved = await world.catalog.resolve(main.id, "copytags");
    const file = path.join(main.folder, resolved.version.artifact);
    await writeFile(file, Buffer.alloc(1024 * 1024));
    expect((await world.catalog.artifact(resolved)).length).toBe(1024 * 1024);
    await writeFile(file, Buffer.alloc(1024 * 1024 + 1));
    await expect(world.catalog.artifact(resolved)).rejects.toMatchObject({ code: "SOURCE_TOO_LARGE" });
  });

  test("of a removed registry is refused", async () => {
    const resolved = await world.catalog.resolve(main.id, "copytags");
    await world.registries.delete(main.id);
    await expect(world.catalog.artifact(resolved)).rejects.toMatchObject({ code: "REGISTRY_NOT_FOUND" });
  });
});
