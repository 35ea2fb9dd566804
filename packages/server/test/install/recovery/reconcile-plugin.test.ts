import { EventEmitter, once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { HitagiError, toNamespace } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import type { InstalledFile } from "../../../src/install/steps/current-state.ts";
import { openWorld, snapshot, type World } from "../install-world.ts";
import { startingPoint } from "../operations.ts";
import { pluginSource } from "../plugin-source.ts";

const one: InstalledFile = { path: "Managed/Scripts/echo.ts", sha256: "" };
const two: InstalledFile = { path: "Managed/Scripts/echo-two.ts", sha256: "" };

/** A machine on which both versions were installed, the second last. */
const opened = async () => {
  const world = await openWorld(startingPoint);
  await world.install("echo", { version: "1.0.0" });
  await world.install("echo", { version: "2.0.0" });
  const [old, now] = [
    { ...one, sha256: world.hashOf("echo", "1.0.0") },
    { ...two, sha256: world.hashOf("echo", "2.0.0") },
  ];
  return { world, old, now };
};

/** What another server on the same store would have recorded; this machine's files stay as they are. */
const recordElsewhere = async (world: World, file: InstalledFile | undefined) => {
  const [version] = (await world.store.plugins.versions("echo")).filter((v) => v.sha256 === file?.sha256);
  const record = await world.store.plugins.get("echo");
  await world.store.plugins.commit({
    namespace: "echo",
    expect: record?.provenance?.sha256,
    after: file && {
      provenance: {
        ...file,
        version: version?.version ?? "9.9.9",
        registry: world.registry,
        type: "script",
      },
      granted: {},
    },
    now: 1,
  });
};

const filesOf = async (world: World) => (await snapshot(world)).files;

describe("the files of a plugin whose record another node changed", () => {
  test("follow the record to another version and path", async () => {
    const { world, old, now } = await opened();
    await recordElsewhere(world, old);
    await world.installer.reconcile(toNamespace("Echo"), now);
    expect(await filesOf(world)).toEqual({ [old.path]: old.sha256 });
    expect((await snapshot(world)).journal).toEqual([]);
  });

  test("are removed with it, and its artifacts stay", async () => {
    const { world, old, now } = await opened();
    await recordElsewhere(world, undefined);
    await world.installer.reconcile("echo", now);
    expect(await filesOf(world)).toEqual({});
    expect((await snapshot(world)).artifacts.sort()).toEqual([old.sha256, now.sha256].sort());
  });

  test("are removed also if a newer version was in place and not active", async () => {
    const { world, old, now } = await opened();
    await recordElsewhere(world, undefined);
    await world.installer.reconcile("echo", { path: now.path, sha256: old.sha256 });
    expect(await filesOf(world)).toEqual({});
  });

  test("are removed also if no version was active", async () => {
    const { world } = await opened();
    await recordElsewhere(world, undefined);
    await world.installer.reconcile("echo", undefined);
    expect(await filesOf(world)).toEqual({});
  });

  test("stay if the owner changed them", async () => {
    const { world, now } = await opened();
    await writeFile(path.join(world.plugins, now.path), "// the owner's own");
    await recordElsewhere(world, undefined);
    await world.installer.reconcile("echo", now);
    expect(Object.keys(await filesOf(world))).toEqual([now.path]);
  });

  test("are restored if they are missing or differ", async () => {
    const { world, now } = await opened();
    await rm(path.join(world.plugins, now.path));
    await world.installer.reconcile("echo", undefined);
    await writeFile(path.join(world.plugins, now.path), "// what another day left");
    await world.installer.reconcile("echo", now);
    expect(await filesOf(world)).toEqual({ [now.path]: now.sha256 });
  });

  test("are not touched if they agree already", async () => {
    const { world, now } = await opened();
    world.at("journaled", () => expect.unreachable("there was nothing to do"));
    await world.installer.reconcile("echo", now);
    expect(await filesOf(world)).toEqual({ [now.path]: now.sha256 });
  });

  test("stay if no node has the bytes", async () => {
    const { world, now } = await opened();
    await recordElsewhere(world, { path: one.path, sha256: "f".repeat(64) });
    await expect(world.installer.reconcile("echo", now)).rejects.toMatchObject({
      code: "PLUGIN_BYTES_MISSING",
    });
    expect(await filesOf(world)).toEqual({ [now.path]: now.sha256 });
  });

  test.each(["../outside.ts", "Managed/../../outside.ts", "Managed/Scripts/..", "hitagi.db"])(
    "are never written to %s",
    async (outside) => {
      const { world, old, now } = await opened();
      await recordElsewhere(world, { ...old, path: outside });
      await expect(world.installer.reconcile("echo", now)).rejects.toMatchObject({
        code: "PLUGIN_PLACE_INVALID",
      });
      expect(await filesOf(world)).toEqual({ [now.path]: now.sha256 });
    },
  );

  test("outside of the plugins folder are not removed", async () => {
    const { world, old } = await opened();
    const outside = path.join(world.plugins, "../precious.ts");
    await writeFile(outside, "precious");
    await recordElsewhere(world, { ...old, path: "Sideloaded/../../precious.ts" });
    await world.installer.uninstall("echo");
    expect(await readFile(outside, "utf8")).toBe("precious");
  });

  test("stay if the owner put them there without a record", async () => {
    const world = await openWorld([]);
    await world.dropByHand("Sideloaded/mine.ts", pluginSource());
    const mine = { path: "Sideloaded/mine.ts", sha256: world.active.get("echo")?.code.sha256 ?? "" };
    await world.store.plugins.register("echo", "script");
    await world.installer.reconcile("echo", mine);
    expect(await filesOf(world)).toEqual({ [mine.path]: mine.sha256 });
  });

  test("are finished by the next start if the process died", async () => {
    const { world, old, now } = await opened();
    await recordElsewhere(world, old);
    world.at("journaled", () => {
      throw new HitagiError("STOPPING");
    });
    await expect(world.installer.reconcile("echo", now)).rejects.toMatchObject({ code: "STOPPING" });
    await world.installer.recover();
    expect(await filesOf(world)).toEqual({ [old.path]: old.sha256 });
  });

  test("are not restored if the plugin was removed after the process died", async () => {
    const { world, old, now } = await opened();
    await recordElsewhere(world, old);
    world.at("journaled", () => {
      throw new HitagiError("STOPPING");
    });
    await expect(world.installer.reconcile("echo", now)).rejects.toMatchObject({ code: "STOPPING" });
    await recordElsewhere(world, undefined);
    await world.installer.recover();
    expect(await filesOf(world)).toEqual({});
  });
});

describe("reconciling during an install of the same plugin", () => {
  test("waits while the install moves files", async () => {
    const { world, old, now } = await opened();
    let reconciled: Promise<void> | undefined;
    const order: string[] = [];
    world.at("placed", () => {
      reconciled ??= world.installer.reconcile("echo", now).then(() => void order.push("reconciled"));
    });
    world.at("committed", () => void order.push("committed"));
    await world.install("echo", { version: "1.0.0" });
    await reconciled;
    expect(order).toEqual(["committed", "reconciled"]);
    expect(await filesOf(world)).toEqual({ [old.path]: old.sha256 });
  });

  test("does not wait while the install fetches", async () => {
    const { world, old, now } = await opened();
    await rm(path.join(world.plugins, now.path));
    let during: unknown;
    world.at("vetted", async () => {
      await world.installer.reconcile("echo", now);
      during = await filesOf(world);
    });
    await world.install("echo", { version: "1.0.0" });
    expect(during).toMatchObject({ [now.path]: now.sha256 });
    expect(await filesOf(world)).toEqual({ [old.path]: old.sha256 });
  });

  test("blocks the install until `follow` has ended, and does not call it after a failure", async () => {
    const { world, old, now } = await opened();
    const order: string[] = [];
    const events = new EventEmitter();
    world.at("vetted", () => {
      events.emit("vetted");
      return once(events, "go on");
    });
    world.at("kept", () => void order.push("kept"));
    const vetted = once(events, "vetted");
    const installed = world.install("echo", { version: "1.0.0" });
    await vetted;
    await world.installer.reconcile("echo", now, async () => {
      events.emit("go on");
      for (let i = 0; i < 50; i++) await world.artifacts.read(now.sha256);
      order.push("followed");
    });
    await installed;
    expect(order).toEqual(["followed", "kept"]);
    await recordElsewhere(world, { ...old, sha256: "f".repeat(64) });
    const failed = world.installer.reconcile("echo", old, async () => expect.unreachable("it failed"));
    await expect(failed).rejects.toMatchObject({ code: "PLUGIN_BYTES_MISSING" });
  });

  test("reads the files after a failed install has undone its steps", async () => {
    const { world, now } = await opened();
    let reconciled: Promise<void> | undefined;
    world.at("placed", () => {
      reconciled ??= world.installer.reconcile("echo", now);
      throw new HitagiError("STOPPING");
    });
    await expect(world.install("echo", { version: "1.0.0" })).rejects.toMatchObject({ code: "STOPPING" });
    await reconciled;
    expect(await filesOf(world)).toEqual({ [now.path]: now.sha256 });
    expect(await world.call("echo")).toEqual({ version: "2.0.0" });
  });
});
