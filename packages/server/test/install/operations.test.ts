import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { toNamespace } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import { openWorld, snapshot } from "./install-world.ts";
import { offered, pluginSource } from "./plugin-source.ts";

describe("install", () => {
  test("fetches, vets, records and activates a version", async () => {
    const world = await openWorld([offered("echo", ["1.0.0"], { permissions: { library: "read" } })]);
    const steps: string[] = [];
    const request = { namespace: toNamespace("ECHO"), registry: world.registry };
    const installed = await world.installer.install(request, { onStep: (step) => steps.push(step) });
    expect(steps).toEqual(["plan", "fetch", "verify", "vet", "commit"]);
    const sha256 = world.hashOf("echo", "1.0.0");
    expect(installed).toEqual({
      name: "The echo plugin",
      namespace: "echo",
      version: "1.0.0",
      from: null,
      registry: world.registry,
      sha256,
      granted: { library: "read" },
      withheld: [],
    });
    expect(await snapshot(world)).toEqual({
      files: { "Managed/Scripts/echo.ts": sha256 },
      records: { echo: { path: "Managed/Scripts/echo.ts", sha256, granted: { library: "read" } } },
      active: { echo: { version: "1.0.0", sha256, granted: { library: "read" } } },
      artifacts: [sha256],
      staging: [],
      journal: [],
    });
    expect(await world.call("echo")).toEqual({ version: "1.0.0" });
  });

  test.each([
    ["metadata", "Metadata"],
    ["download", "Download"],
    ["login", "Login"],
    ["script", "Scripts"],
  ] as const)("puts a %s plugin into Managed/%s", async (type, folder) => {
    const world = await openWorld([offered("echo", ["1.0.0"], { type })]);
    await world.install("echo");
    expect(world.active.get("echo")?.path).toBe(`Managed/${folder}/echo.ts`);
  });

  test("plans and does an upgrade, a downgrade and a reinstall", async () => {
    const world = await openWorld([offered("echo", ["1.0.0", "1.1.0", "2.0.0-beta.1"])]);
    for (const [version, action] of [
      ["1.0.0", "install"],
      ["1.1.0", "upgrade"],
      ["2.0.0-beta.1", "upgrade"],
      ["1.0.0", "downgrade"],
      ["1.0.0", "reinstall"],
    ] as const) {
      const plan = await world.plan("echo", { version });
      expect(plan).toMatchObject({ action, version, conflicts: [] });
      await world.install("echo", { version });
      expect(await world.call("echo")).toEqual({ version });
    }
    expect(Object.keys((await snapshot(world)).files)).toEqual(["Managed/Scripts/echo.ts"]);
  });

  test("removes the old file when the new version has another file name", async () => {
    const [first, second] = offered("echo", ["1.0.0", "2.0.0"]).versions;
    if (!first || !second) throw new Error("two versions are offered");
    const versions = [first, { ...second, artifact: "plugins/Echo2.mjs" }];
    const world = await openWorld([{ namespace: "echo", type: "script", versions }]);
    await world.install("echo", { version: "1.0.0" });
    await world.install("echo");
    expect(Object.keys((await snapshot(world)).files)).toEqual(["Managed/Scripts/Echo2.mjs"]);
    expect(await world.call("echo")).toEqual({ version: "2.0.0" });
  });

  test("of the installed version repairs a changed or missing file", async () => {
    const world = await openWorld([offered("echo", ["1.0.0"])]);
    await world.install("echo");
    const file = path.join(world.plugins, "Managed/Scripts/echo.ts");
    await writeFile(file, "// changed");
    expect(await world.installer.verify()).toMatchObject([{ state: "changed" }]);
    await world.install("echo");
    expect(await world.installer.verify()).toMatchObject([{ state: "ok" }]);
    await rm(file);
    await world.install("echo");
    expect(await readFile(file, "utf8")).toBe(pluginSource());
  });

  test("keeps the flags of a metadata plugin", async () => {
    const world = await openWorld([offered("echo", ["1.0.0", "2.0.0"], { type: "metadata" })]);
    await world.install("echo", { version: "1.0.0" });
    await world.store.plugins.configure("echo", { enabled: true, priority: 3 });
    world.active.patch("echo", { enabled: true, priority: 3 });
    await world.install("echo");
    expect(world.active.get("echo")).toMatchObject({ enabled: true, priority: 3 });
    // A change that is active before it is stored counts too.
    world.active.patch("echo", { hidden: true });
    await world.installer.rollback("echo");
    expect(world.active.get("echo")).toMatchObject({ enabled: true, hidden: true, priority: 3 });
    await world.installer.uninstall("echo");
    await world.install("echo");
    expect(world.active.get("echo")).toMatchObject({ enabled: true, priority: 3 });
  });
});

describe("a preview", () => {
  test("lists every conflict and changes nothing", async () => {
    const world = await openWorld([offered("echo", ["1.0.0"])]);
    await world.install("echo");
    const second = await world.addRegistry([
      { ...offered("echo", ["2.0.0"]), versions: [{ version: "2.0.0", source: "", artifact: "a b.ts" }] },
    ]);
    const before = await snapshot(world);
    const plan = await world.installer.plan({ namespace: toNamespace("Echo"), registry: second.registry });
    expect(plan).toMatchObject({
      action: "replace",
      installed: "1.0.0",
      version: "2.0.0",
      permissions: null,
    });
    expect(plan.conflicts.map((c) => c.code)).toEqual(["OTHER_REGISTRY", "ARTIFACT_NAME_INVALID"]);
    expect(await snapshot(world)).toEqual(before);
  });

  test("shows the permissions of a kept version", async () => {
    const world = await openWorld([
      {
        namespace: "echo",
        type: "script",
        versions: [
          { version: "1.0.0", source: pluginSource({ permissions: { net: ["a.example"] } }) },
          { version: "2.0.0", source: pluginSource({ version: "2.0.0", permissions: { library: "read" } }) },
        ],
      },
    ]);
    await world.install("echo", { version: "2.0.0" });
    await world.install("echo", { version: "1.0.0", grant: true });
    expect(await world.plan("echo", { version: "2.0.0" })).toMatchObject({
      permissions: { asks: { library: "read" }, granted: {}, more: ["library:read"] },
      conflicts: [{ code: "PERMISSION_NEEDED" }],
    });
  });
});

describe("permissions", () => {
  const versions = [
    { version: "1.0.0", source: pluginSource({ permissions: { net: ["a.example", "b.example"] } }) },
    {
      version: "2.0.0",
      source: pluginSource({
        version: "2.0.0",
        permissions: { net: ["a.example", "b.example", "c.example"] },
      }),
    },
  ];
  const plugin = { namespace: "echo", type: "script" as const, versions };

  test("that an upgrade adds need the owner's grant", async () => {
    const world = await openWorld([plugin]);
    await world.install("echo", { version: "1.0.0" });
    const before = await snapshot(world);
    await expect(world.install("echo")).rejects.toMatchObject({
      code: "PERMISSION_NEEDED",
      params: { permissions: "net:c.example" },
    });
    expect(await snapshot(world)).toEqual(before);
    await world.install("echo", { grant: true });
    expect(world.active.get("echo")?.granted).toEqual({ net: ["a.example", "b.example", "c.example"] });
  });

  test("of a first install are those of the request, and the result lists them", async () => {
    const world = await openWorld([plugin]);
    const part = { net: ["b.example"] };
    const request = { version: "1.0.0", grant: part };
    expect(await world.plan("echo", request)).toMatchObject({ conflicts: [] });
    expect(await world.install("echo", request)).toMatchObject({ granted: part, withheld: [] });
    expect(world.active.get("echo")?.granted).toEqual(part);
    expect((await world.store.plugins.get("echo"))?.granted).toEqual(part);
    const tooMuch = { version: "1.0.0", grant: { library: "write" } } as const;
    await expect(world.install("echo", tooMuch)).rejects.toMatchObject({
      code: "PERMISSION_NOT_ASKED",
      params: { permissions: "library:write" },
    });
  });

  test("of a first install need the owner's grant if the server is set to ask", async () => {
    const world = await openWorld([plugin], { grants: "ask" });
    const before = await snapshot(world);
    const wanted = { code: "GRANT_NEEDED", params: { permissions: "net:a.example, net:b.example" } };
    await expect(world.install("echo", { version: "1.0.0" })).rejects.toMatchObject(wanted);
    expect(await snapshot(world)).toEqual(before);
    expect((await world.plan("echo", { version: "1.0.0" })).conflicts).toMatchObject([
      { code: "GRANT_NEEDED" },
    ]);
    const own = Buffer.from(pluginSource({ namespace: "own", permissions: { library: "read" } }));
    await expect(world.installer.sideload("own.ts", own)).rejects.toMatchObject({ code: "GRANT_NEEDED" });
    expect(await world.installer.sideload("own.ts", own, false)).toMatchObject({ granted: {} });
    expect(await world.install("echo", { version: "1.0.0", grant: true })).toMatchObject({
      granted: { net: ["a.example", "b.example"] },
    });
  });

  test("of a sideloaded file are granted, unless the request refuses", async () => {
    const world = await openWorld([]);
    const own = Buffer.from(pluginSource({ namespace: "own", permissions: { library: "read" } }));
    expect(await world.installer.sideload("own.ts", own, false)).toMatchObject({ granted: {} });
    expect(await world.installer.sideload("own.ts", own)).toMatchObject({ granted: {} });
    await world.installer.uninstall("own");
    expect(await world.installer.sideload("own.ts", own)).toMatchObject({ granted: { library: "read" } });
  });

  test("to read files stay through upgrade and rollback, and go with an uninstall or another source", async () => {
    const world = await openWorld([plugin]);
    const files = ["/srv/tags.db"];
    const grantFiles = async () => {
      await world.store.plugins.grant("echo", { net: ["a.example"], files });
      world.active.patch("echo", { granted: { net: ["a.example"], files } });
    };
    await world.install("echo", { version: "1.0.0" });
    await grantFiles();
    await world.install("echo", { grant: true });
    expect(world.active.get("echo")?.granted).toEqual({ net: ["a.example", "c.example"], files });
    await world.installer.rollback("echo");
    expect((await world.store.plugins.get("echo"))?.granted).toEqual({ net: ["a.example"], files });
    const other = await world.addRegistry([plugin]);
    await other.install("echo", { version: "1.0.0", force: true });
    expect(world.active.get("echo")?.granted).toEqual({ net: ["a.example"] });
    await grantFiles();
    await world.installer.uninstall("echo");
    await other.install("echo", { version: "1.0.0" });
    expect(world.active.get("echo")?.granted.files).toBeUndefined();
  });

  test("that the owner revoked stay revoked through upgrade and rollback", async () => {
    const world = await openWorld([plugin]);
    await world.install("echo", { version: "1.0.0" });
    await world.store.plugins.grant("echo", { net: ["a.example"] });
    await world.install("echo", { grant: true });
    expect(world.active.get("echo")?.granted).toEqual({ net: ["a.example", "c.example"] });
    await world.installer.rollback("echo");
    expect((await world.store.plugins.get("echo"))?.granted).toEqual({ net: ["a.example"] });
  });
});

test("secrets of a plugin from another source are withheld, and the plan and the result list them", async () => {
  const world = await openWorld([offered("echo", ["1.0.0"])]);
  const other = await world.addRegistry([offered("echo", ["1.0.0"])]);
  await world.install("echo");
  await world.store.plugins.set("echo", { token: "s3cret", plain: "x" }, { token: world.registry });
  expect(await world.plan("echo")).toMatchObject({ withheld: [] });
  await world.installer.uninstall("echo");
  expect(await world.plan("echo")).toMatchObject({ withheld: [] });
  expect(await other.plan("echo")).toMatchObject({ withheld: ["token"] });
  expect(await other.install("echo")).toMatchObject({ withheld: ["token"] });
  expect(await world.install("echo", { force: true })).toMatchObject({ withheld: [] });
});

describe("uninstall", () => {
  test("removes the file and the record, and keeps the settings", async () => {
    const world = await openWorld([offered("echo", ["1.0.0"])]);
    await world.install("echo");
    await world.store.plugins.set("echo", { key: "kept" });
    const uninstalled = await world.installer.uninstall(toNamespace("ECHO"));
    expect(uninstalled).toEqual({ name: "The echo plugin", version: "1.0.0" });
    expect(await snapshot(world)).toMatchObject({ files: {}, active: {}, journal: [], staging: [] });
    expect(await world.store.plugins.get("echo")).toMatchObject({
      provenance: undefined,
      settings: { key: "kept" },
    });
  });

  test("removes a sideloaded plugin, also one without a record", async () => {
    const world = await openWorld([]);
    await world.installer.sideload("echo.ts", Buffer.from(pluginSource()), true);
    await world.installer.uninstall("echo");
    expect((await snapshot(world)).files).toEqual({});
    await world.dropByHand("Sideloaded/echo.ts", pluginSource());
    await world.installer.uninstall("echo");
    expect(await snapshot(world)).toMatchObject({ files: {}, active: {} });
  });

  test("refuses a builtin plugin and a missing one", async () => {
    const world = await openWorld([], { builtins: new Set(["copytags"]) });
    await expect(world.installer.uninstall("copytags")).rejects.toMatchObject({ code: "PLUGIN_BUILTIN" });
    await expect(world.installer.uninstall("unknown")).rejects.toMatchObject({
      code: "PLUGIN_NOT_INSTALLED",
    });
  });
});

describe("rollback", () => {
  test("restores the previous version, and a second call undoes that", async () => {
    const world = await openWorld([offered("echo", ["1.0.0", "2.0.0"])]);
    await world.install("echo", { version: "1.0.0" });
    await world.install("echo");
    expect(await world.installer.rollback(toNamespace("Echo"))).toMatchObject({ version: "1.0.0" });
    expect(await world.call("echo")).toEqual({ version: "1.0.0" });
    expect(await world.installer.rollback("echo")).toMatchObject({ version: "2.0.0" });
    expect(await world.installer.verify()).toMatchObject([{ state: "ok" }]);
  });

  test("restores a named version without its registry", async () => {
    const world = await openWorld([offered("echo", ["1.0.0", "2.0.0", "3.0.0"])]);
    for (const version of ["1.0.0", "2.0.0", "3.0.0"]) await world.install("echo", { version });
    await world.store.registries.delete(world.registry);
    await world.installer.rollback("echo", "1.0.0");
    expect(await world.call("echo")).toEqual({ version: "1.0.0" });
    expect(world.active.get("echo")?.registry).toBe(world.registry);
  });

  test("restores an uninstalled plugin", async () => {
    const world = await openWorld([offered("echo", ["1.0.0"])]);
    await world.install("echo");
    await world.installer.uninstall("echo");
    expect(await world.installer.rollback("echo")).toMatchObject({ version: "1.0.0" });
    expect(await world.call("echo")).toEqual({ version: "1.0.0" });
  });

  test("fails with a code for each version that it cannot restore", async () => {
    const world = await openWorld([offered("echo", ["1.0.0"])], { builtins: new Set(["copytags"]) });
    const code = async (namespace: string, version?: string) =>
      world.installer.rollback(toNamespace(namespace), version).catch((e) => e.code);
    expect(await code("echo")).toBe("PLUGIN_NOT_INSTALLED");
    expect(await code("copytags")).toBe("PLUGIN_BUILTIN");
    await world.install("echo");
    expect(await code("echo")).toBe("NOTHING_TO_ROLL_BACK");
    expect(await code("echo", "9.9.9")).toBe("VERSION_NOT_KEPT");
  });

  test("keeps the last five versions, and evicts the artifacts of older ones", async () => {
    const versions = ["1.0.0", "2.0.0", "3.0.0", "4.0.0", "5.0.0", "6.0.0"];
    const world = await openWorld([offered("echo", versions)]);
    for (const version of versions) await world.install("echo", { version });
    const kept = await world.store.plugins.versions("echo");
    expect(kept.map((v) => v.version)).toEqual(versions.slice(1).reverse());
    const { artifacts } = await snapshot(world);
    expect(artifacts).toEqual(
      versions
        .slice(1)
        .map((v) => world.hashOf("echo", v))
        .sort(),
    );
    await expect(world.installer.rollback("echo", "1.0.0")).rejects.toMatchObject({
      code: "VERSION_NOT_KEPT",
    });
  });
});

describe("sideload", () => {
  const upload = (source: string) => Buffer.from(source);

  test("installs an uploaded file under the namespace of its manifest", async () => {
    const world = await openWorld([]);
    const installed = await world.installer.sideload("my-file.ts", upload(pluginSource()), true);
    expect(installed).toMatchObject({ namespace: "echo", version: "1.0.0", registry: null });
    expect(world.active.get("echo")).toMatchObject({
      origin: "sideloaded",
      path: "Sideloaded/my-file.ts",
      registry: null,
    });
    expect(await world.call("echo")).toEqual({ version: "1.0.0" });
  });

  test("replaces the sideloaded plugin of the namespace, and a rollback restores that", async () => {
    const world = await openWorld([]);
    await world.installer.sideload("a.ts", upload(pluginSource()), true);
    await world.installer.sideload("b.ts", upload(pluginSource({ version: "2.0.0" })), true);
    expect(Object.keys((await snapshot(world)).files)).toEqual(["Sideloaded/b.ts"]);
    expect(await world.call("echo")).toEqual({ version: "2.0.0" });
    await world.installer.rollback("echo");
    expect(Object.keys((await snapshot(world)).files)).toEqual(["Sideloaded/a.ts"]);
    expect(await world.call("echo")).toEqual({ version: "1.0.0" });
  });

  test("replaces the owner's own file", async () => {
    const world = await openWorld([]);
    await world.dropByHand("Sideloaded/echo.ts", pluginSource());
    await world.installer.sideload("echo.ts", upload(pluginSource({ version: "2.0.0" })), true);
    expect(await world.call("echo")).toEqual({ version: "2.0.0" });
    expect((await snapshot(world)).artifacts).toHaveLength(1);
  });

  test.each<[string, string, string, string]>([
    ["with a folder in its name", "ARTIFACT_NAME_INVALID", "../echo.ts", pluginSource()],
    ["of another kind", "ARTIFACT_NAME_INVALID", "echo.exe", pluginSource()],
    ["that no runtime takes", "RUNTIME_UNAVAILABLE", "Echo.pm", "package Echo;"],
    ["that does not load", "LOAD_FAILED", "echo.ts", "throw 1"],
    ["of a managed namespace", "NAMESPACE_TAKEN", "echo.ts", pluginSource({ namespace: "managed" })],
    ["of a builtin namespace", "NAMESPACE_TAKEN", "echo.ts", pluginSource({ namespace: "copytags" })],
    ["larger than an artifact", "PAYLOAD_TOO_LARGE", "echo.ts", " ".repeat(1024 * 1024 + 1)],
  ])("of a file %s is rejected with %s", async (_, code, filename, source) => {
    const world = await openWorld([offered("managed", ["1.0.0"])], { builtins: new Set(["copytags"]) });
    await world.install("managed");
    await world.installer.sideload("mine.ts", upload(pluginSource({ namespace: "mine" })), true);
    const before = await snapshot(world);
    await expect(world.installer.sideload(filename, upload(source), true)).rejects.toMatchObject({ code });
    expect(await snapshot(world)).toEqual(before);
  });

  test("of a version with more permissions grants none of them, or all, as requested", async () => {
    const world = await openWorld([], { grants: "ask" });
    await world.installer.sideload("echo.ts", upload(pluginSource()));
    const asking = upload(pluginSource({ version: "2.0.0", permissions: { library: "write" } }));
    await expect(world.installer.sideload("echo.ts", asking)).rejects.toMatchObject({
      code: "PERMISSION_NEEDED",
    });
    await world.installer.sideload("echo.ts", asking, true);
    expect(world.active.get("echo")?.granted).toEqual({ library: "write" });
    const more = upload(
      pluginSource({ version: "3.0.0", permissions: { library: "write", net: ["a.example"] } }),
    );
    await world.installer.sideload("echo.ts", more, false);
    expect(world.active.get("echo")?.granted).toEqual({ library: "write" });
  });
});

describe("upgrade", () => {
  test("installs every update, and a failure does not stop the others", async () => {
    const world = await openWorld([
      offered("a", ["1.0.0"]),
      offered("b", ["1.0.0"]),
      offered("c", ["1.0.0"]),
    ]);
    for (const namespace of ["a", "b", "c"]) await world.install(namespace);
    const broken = { namespace: "b", type: "script" as const };
    await world.publish([
      offered("a", ["1.0.0", "1.1.0"]),
      { ...broken, versions: [{ version: "2.0.0", source: "throw 1" }] },
      offered("c", ["1.0.0"]),
    ]);
    await world.catalog.refresh(world.registry);
    const results = await world.installer.upgrade(undefined, false);
    expect(results).toMatchObject([
      { namespace: "a", from: "1.0.0", to: "1.1.0", error: null },
      { namespace: "b", from: "1.0.0", to: "2.0.0", error: { code: "LOAD_FAILED" } },
    ]);
    expect(await world.call("a")).toEqual({ version: "1.1.0" });
    expect(await world.call("b")).toEqual({ version: "1.0.0" });
  });

  test("of named plugins reports those without an update, and missing ones", async () => {
    const world = await openWorld([offered("a", ["1.0.0", "1.1.0"]), offered("b", ["1.0.0"])]);
    await world.install("a", { version: "1.0.0" });
    await world.install("b");
    expect(
      await world.installer.upgrade([toNamespace("B"), toNamespace("A"), "unknown"], false),
    ).toMatchObject([
      { namespace: "b", from: "1.0.0", to: "1.0.0", error: { code: "NO_UPDATE" } },
      { namespace: "a", error: null },
      { namespace: "unknown", error: { code: "PLUGIN_NOT_INSTALLED" } },
    ]);
  });
});

test("verify finds changed, missing and unrecorded files", async () => {
  const world = await openWorld([offered("a", ["1.0.0"]), offered("b", ["1.0.0"]), offered("c", ["1.0.0"])]);
  for (const namespace of ["a", "b", "c"]) await world.install(namespace);
  await writeFile(path.join(world.plugins, "Managed/Scripts/b.ts"), "// changed");
  await rm(path.join(world.plugins, "Managed/Scripts/c.ts"));
  await world.dropByHand("Sideloaded/echo.ts", pluginSource());
  await writeFile(path.join(world.plugins, "Managed/Scripts/stray.txt"), "stray");
  const found = await world.installer.verify();
  expect(found.map(({ namespace, path: file, state }) => [namespace, file, state])).toEqual([
    ["a", "Managed/Scripts/a.ts", "ok"],
    ["b", "Managed/Scripts/b.ts", "changed"],
    ["c", "Managed/Scripts/c.ts", "missing"],
    ["", "Managed/Scripts/stray.txt", "unrecorded"],
    ["echo", "Sideloaded/echo.ts", "unrecorded"],
  ]);
  expect(found[0]).toMatchObject({ expected: found[0]?.actual });
});
