import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { describe, expect, onTestFinished, test } from "vitest";
import type { FixtureVersion } from "../support/registry-fixture.ts";
import { openWorld, snapshot, type World } from "./install-world.ts";
import { offered, pluginSource, type SourceOptions } from "./plugin-source.ts";

/** One plugin whose index entry is right but for what a test makes wrong. */
const withVersion = (version: Partial<FixtureVersion>, source: SourceOptions = {}) => ({
  namespace: "echo",
  type: "script" as const,
  versions: [{ version: "1.0.0", source: pluginSource(source), ...version }],
});

const refused = async (world: World, code: string, request: { version?: string; force?: boolean } = {}) => {
  const before = await snapshot(world);
  await expect(world.install("echo", request)).rejects.toMatchObject({ code });
  expect(await snapshot(world)).toEqual(before);
};

describe("an artifact is rejected, and leaves nothing, if", () => {
  test("its hash is not that of the index", async () => {
    const world = await openWorld([withVersion({ sha256: "0".repeat(64) })]);
    await refused(world, "HASH_MISMATCH");
  });

  test.each(["plugins/e cho.ts", "plugins/echo.txt", "plugins/echo.d.ts", "plugins/.ts"])(
    "its name is %s",
    async (artifact) => {
      await refused(await openWorld([withVersion({ artifact })]), "ARTIFACT_NAME_INVALID");
    },
  );

  test("no runtime is enabled for it", async () => {
    await refused(await openWorld([withVersion({ artifact: "plugins/Echo.pm" })]), "RUNTIME_UNAVAILABLE");
  });

  test("it throws while it loads", async () => {
    const world = await openWorld([withVersion({}, { atLoad: 'throw new Error("no");' })]);
    await refused(world, "LOAD_FAILED");
  });

  test("it does not parse", async () => {
    await refused(await openWorld([withVersion({ source: "export default {" })]), "LOAD_FAILED");
  });

  test("its manifest is not valid", async () => {
    const source = pluginSource().replace('author: "fixture"', "author: 7");
    await refused(await openWorld([withVersion({ source })]), "MANIFEST_INVALID");
  });

  test.each<SourceOptions>([{ namespace: "other" }, { version: "1.0.1" }, { type: "login" }])(
    "it says %o, and the index something else",
    async (source) => {
      await refused(await openWorld([withVersion({}, source)]), "MANIFEST_MISMATCH");
    },
  );
});

describe("an upgrade fails, and the old version stays, if", () => {
  test.each<[string, string, Partial<FixtureVersion>]>([
    ["the hash is wrong", "HASH_MISMATCH", { sha256: "0".repeat(64) }],
    ["it does not load", "LOAD_FAILED", { source: "throw 1" }],
    ["it says another version", "MANIFEST_MISMATCH", { source: pluginSource() }],
  ])("%s", async (_, code, fault) => {
    const sound = { version: "2.0.0", source: pluginSource({ version: "2.0.0" }) };
    const first = withVersion({});
    const world = await openWorld([{ ...first, versions: [...first.versions, { ...sound, ...fault }] }]);
    await world.install("echo", { version: "1.0.0" });
    await refused(world, code);
    expect(await world.call("echo")).toEqual({ version: "1.0.0" });
  });
});

describe("a namespace is rejected if", () => {
  test("a builtin plugin has it, also with force", async () => {
    const world = await openWorld([offered("echo", ["1.0.0"])], { builtins: new Set(["echo"]) });
    await refused(world, "NAMESPACE_TAKEN", { force: true });
  });

  test("a sideloaded plugin has it, also with force", async () => {
    const world = await openWorld([offered("echo", ["1.0.0"])]);
    await world.installer.sideload("mine.ts", Buffer.from(pluginSource({ version: "0.1.0" })), true);
    await refused(world, "NAMESPACE_TAKEN", { force: true });
  });

  test("another registry installed it, unless forced", async () => {
    const world = await openWorld([offered("echo", ["1.0.0"])]);
    await world.install("echo");
    const second = await world.addRegistry([offered("echo", ["3.0.0"])]);
    await refused({ ...world, install: second.install }, "OTHER_REGISTRY");
    const replaced = await second.install("echo", { force: true });
    expect(replaced).toMatchObject({ version: "3.0.0", registry: second.registry });
    expect(await world.call("echo")).toEqual({ version: "3.0.0" });
  });

  test("a deleted registry installed it, unless forced", async () => {
    const world = await openWorld([offered("echo", ["1.0.0"])]);
    await world.install("echo");
    await world.store.registries.delete(world.registry);
    const second = await world.addRegistry([offered("echo", ["3.0.0"])]);
    await refused({ ...world, install: second.install }, "OTHER_REGISTRY");
    expect(await second.install("echo", { force: true })).toMatchObject({ registry: second.registry });
  });

  test("another registry installed the same bytes and still exists", async () => {
    const world = await openWorld([offered("echo", ["1.0.0"])]);
    await world.install("echo");
    const second = await world.addRegistry([offered("echo", ["1.0.0"])]);
    await refused({ ...world, install: second.install }, "OTHER_REGISTRY");
  });
});

test("a registry may replace a deleted one if it publishes the same bytes", async () => {
  const source = pluginSource({ permissions: { library: "write" } });
  const echo = { namespace: "echo", type: "script" as const, versions: [{ version: "1.0.0", source }] };
  const world = await openWorld([echo]);
  await world.install("echo", { grant: { library: "read" } });
  await world.store.registries.delete(world.registry);
  const second = await world.addRegistry([echo]);
  expect((await second.plan("echo")).conflicts).toEqual([]);
  expect(await second.install("echo")).toMatchObject({
    registry: second.registry,
    granted: { library: "read" },
  });
});

describe("a file is rejected if", () => {
  const clash = (name: string) => ({
    ...offered("other", ["1.0.0"]),
    versions: [{ version: "1.0.0", artifact: name, source: pluginSource({ namespace: "other" }) }],
  });

  test.each(["plugins/echo.ts", "elsewhere/ECHO.ts"])("another plugin has it: %s", async (artifact) => {
    const world = await openWorld([offered("echo", ["1.0.0"]), clash(artifact)]);
    await world.install("other");
    await refused(world, "FILE_TAKEN");
    await expect(world.install("echo")).rejects.toMatchObject({ params: { owner: "other" } });
    await world.installer.uninstall("other");
    await world.install("echo");
  });

  test("no record names it", async () => {
    const world = await openWorld([offered("echo", ["1.0.0"])]);
    await mkdir(path.join(world.plugins, "Managed/Scripts"), { recursive: true });
    await writeFile(path.join(world.plugins, "Managed/Scripts/echo.ts"), "// my own work");
    await refused(world, "FILE_TAKEN");
  });

  test("another install is writing it", async () => {
    const world = await openWorld([offered("echo", ["1.0.0"]), clash("plugins/echo.ts")]);
    const both = await Promise.allSettled([world.install("echo"), world.install("other")]);
    expect(both.map((r) => r.status).sort()).toEqual(["fulfilled", "rejected"]);
    const lost = both.find((r) => r.status === "rejected");
    expect(["FILE_TAKEN", "PLUGIN_BUSY"]).toContain(lost?.reason.code);
    expect(await world.installer.verify()).toMatchObject([{ state: "ok" }]);
  });
});

describe("a change during an install is detected:", () => {
  test("the registry is deleted during its install", async () => {
    const world = await openWorld([offered("echo", ["1.0.0"])]);
    world.at("placed", () => world.store.registries.delete(world.registry));
    await expect(world.install("echo")).rejects.toMatchObject({ code: "REGISTRY_NOT_FOUND" });
    expect(await snapshot(world)).toMatchObject({ files: {}, artifacts: [], journal: [], staging: [] });
    expect(world.active.get("echo")).toBeUndefined();
  });

  test("another node changes the plugin", async () => {
    const world = await openWorld([offered("echo", ["1.0.0", "2.0.0"])]);
    await world.install("echo", { version: "1.0.0" });
    world.at("placed", async () => {
      const record = await world.store.plugins.get("echo");
      if (!record?.provenance) throw new Error("echo is installed");
      const provenance = { ...record.provenance, sha256: "f".repeat(64) };
      const expect = record.provenance.sha256;
      await world.store.plugins.commit({
        namespace: "echo",
        expect,
        after: { provenance, granted: {} },
        now: 1,
      });
    });
    await expect(world.install("echo")).rejects.toMatchObject({ code: "PLUGIN_CHANGED" });
    expect(await world.call("echo")).toEqual({ version: "1.0.0" });
  });

  test("the registry's file changes after the fetch, and the vetted bytes are installed", async () => {
    const world = await openWorld([offered("echo", ["1.0.0"])]);
    world.at("fetched", () => world.publish([withVersion({ source: "throw 1" })]));
    await world.install("echo");
    expect(await world.call("echo")).toEqual({ version: "1.0.0" });
    expect(await world.installer.verify()).toMatchObject([{ state: "ok" }]);
  });

  test("the staging file changes before it is in place", async () => {
    const world = await openWorld([offered("echo", ["1.0.0"])]);
    const before = await snapshot(world);
    world.at("staged", async () => {
      const [staged = "none"] = (await snapshot(world)).staging;
      await writeFile(path.join(world.staging, staged), "// not what was vetted");
    });
    await expect(world.install("echo")).rejects.toMatchObject({ code: "HASH_MISMATCH" });
    expect(await snapshot(world)).toEqual(before);
  });

  test("the operation is cancelled", async () => {
    const world = await openWorld([offered("echo", ["1.0.0"])]);
    const before = await snapshot(world);
    const cancel = new AbortController();
    world.at("vetted", () => cancel.abort());
    const request = { namespace: "echo" as const, registry: world.registry };
    await expect(world.installer.install(request, { signal: cancel.signal })).rejects.toMatchObject({
      code: "PLUGIN_CANCELLED",
    });
    expect(await snapshot(world)).toEqual(before);
  });

  test("an undo fails: the error names what is left, and the next operation finishes it", async () => {
    const world = await openWorld([offered("echo", ["1.0.0", "2.0.0"])]);
    await world.install("echo", { version: "1.0.0" });
    const before = await snapshot(world);
    const file = path.join(world.plugins, "Managed/Scripts/echo.ts");
    world.at("placed", async () => {
      await rm(file);
      await mkdir(path.join(file, "in-the-way"), { recursive: true });
      throw new HitagiError("STOPPING");
    });
    await expect(world.install("echo")).rejects.toMatchObject({
      code: "UNDO_FAILED",
      params: { left: "the file Managed/Scripts/echo.ts" },
    });
    expect(existsSync(path.join(world.journal, "echo.json"))).toBe(true);
    await rm(file, { recursive: true });
    await world.installer.recover();
    expect(await snapshot(world)).toEqual(before);
  });
});

describe("a full disk", () => {
  /** Gives the staging folder a disk of its own; answers false where this process may not mount one. */
  const onSmallDisk = async (staging: string, size: string): Promise<boolean> => {
    await mkdir(staging, { recursive: true });
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", staging]);
    if (mounted.status !== 0) return false;
    onTestFinished(() => void spawnSync("umount", [staging]));
    return true;
  };

  test("is a conflict of the plan", async (context) => {
    const world = await openWorld([offered("echo", ["1.0.0"])]);
    if (!(await onSmallDisk(world.staging, "1m"))) return context.skip("this process may not mount a disk");
    expect((await world.plan("echo")).conflicts).toMatchObject([{ code: "DISK_FULL" }]);
    await refused(world, "DISK_FULL");
  });

  test("during staging changes nothing", async (context) => {
    const world = await openWorld([offered("echo", ["1.0.0", "2.0.0"])]);
    await world.install("echo", { version: "1.0.0" });
    if (!(await onSmallDisk(world.staging, "5m"))) return context.skip("this process may not mount a disk");
    const before = await snapshot(world);
    const filler = path.join(world.staging, "filler");
    world.at("fetched", async () => {
      await writeFile(filler, Buffer.alloc(5 * 1024 * 1024)).catch(() => {});
    });
    await expect(world.install("echo")).rejects.toMatchObject({ code: "DISK_FULL" });
    await rm(filler);
    expect(await snapshot(world)).toEqual(before);
    world.at("fetched", () => {});
    await world.install("echo");
    expect(await world.call("echo")).toEqual({ version: "2.0.0" });
  });
});
