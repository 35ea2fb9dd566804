import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { sha256Of } from "../../../src/disk/sha256.ts";
import type { JournalEntry } from "../../../src/install/recovery/journal.ts";
import { openWorld, snapshot, type World } from "../install-world.ts";
import { offered, pluginSource } from "../plugin-source.ts";

const file = "Managed/Scripts/echo.ts";
const hash = (text: string) => sha256Of(Buffer.from(text));

/** Leaves the journal entry and the files of a process that died. */
const leave = async (world: World, entry: JournalEntry | string, files: Record<string, string> = {}) => {
  await mkdir(world.journal, { recursive: true });
  const text = typeof entry === "string" ? entry : JSON.stringify(entry);
  await writeFile(path.join(world.journal, "echo.json"), text);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(world.plugins, name)), { recursive: true });
    await writeFile(path.join(world.plugins, name), content);
  }
};

const installed = async () => {
  const world = await openWorld([offered("echo", ["1.0.0", "2.0.0"])]);
  await world.install("echo", { version: "1.0.0" });
  const whole = await snapshot(world);
  const before = { path: file, sha256: world.hashOf("echo", "1.0.0") };
  return { world, whole, before };
};

const two = pluginSource({ version: "2.0.0" });
const after = { path: "Managed/Scripts/echo-two.ts", sha256: hash(two) };

describe("recovery", () => {
  test("of an uncommitted upgrade restores the old version, and is repeatable", async () => {
    const { world, whole, before } = await installed();
    const entry = { namespace: "echo" as const, before, after };
    await leave(world, entry, { [after.path]: two });
    await rm(path.join(world.plugins, file));
    await world.installer.recover();
    expect(await snapshot(world)).toEqual(whole);
    await leave(world, entry);
    await world.installer.recover();
    expect(await snapshot(world)).toEqual(whole);
  });

  test("of a committed upgrade finishes it", async () => {
    const { world, before } = await installed();
    await world.install("echo");
    const whole = await snapshot(world);
    await leave(world, { namespace: "echo", before, after: { path: file, sha256: hash(two) } });
    await writeFile(path.join(world.plugins, file), pluginSource());
    await world.installer.recover();
    expect(await snapshot(world)).toEqual(whole);
  });

  test("fails if the journal cannot be read", async () => {
    const { world } = await installed();
    await rm(world.journal, { recursive: true, force: true });
    await writeFile(world.journal, "no folder");
    await expect(world.installer.recover()).rejects.toMatchObject({ code: "STORE_FAILED" });
  });

  test("of an entry from before a later operation changes nothing", async () => {
    const { world } = await installed();
    await world.install("echo");
    await world.installer.rollback("echo");
    const whole = await snapshot(world);
    const upgraded = { path: file, sha256: hash(two) };
    const never = { path: file, sha256: "f".repeat(64) };
    await leave(world, { namespace: "echo", before: upgraded, after: never });
    await world.installer.recover();
    expect(await snapshot(world)).toEqual(whole);
  });

  test("of a committed uninstall removes the file", async () => {
    const { world, before } = await installed();
    await world.installer.uninstall("echo");
    const whole = await snapshot(world);
    await leave(world, { namespace: "echo", before, after: null }, { [file]: pluginSource() });
    await world.installer.recover();
    expect(await snapshot(world)).toEqual(whole);
  });

  test("of an uncommitted first install removes its file and its artifact", async () => {
    const world = await openWorld([]);
    await world.artifacts.put(Buffer.from(two), {
      namespace: "echo",
      type: "script",
      name: "Echo",
      version: "2.0.0",
      author: "fixture",
      description: "",
    });
    await leave(world, { namespace: "echo", before: null, after }, { [after.path]: two });
    await world.installer.recover();
    expect(await snapshot(world)).toMatchObject({ files: {}, artifacts: [], journal: [] });
  });

  test("restores the owner's own file", async () => {
    const world = await openWorld([]);
    await world.dropByHand("Sideloaded/mine.ts", pluginSource());
    const manifest = world.active.get("echo")?.manifest;
    if (!manifest) throw new Error("it is not active");
    await world.artifacts.put(Buffer.from(pluginSource()), manifest);
    await rm(path.join(world.plugins, "Sideloaded/mine.ts"));
    const before = { path: "Sideloaded/mine.ts", sha256: hash(pluginSource()) };
    const replacing = { path: "Sideloaded/new.ts", sha256: hash(two) };
    await leave(world, { namespace: "echo", before, after: replacing }, { [replacing.path]: two });
    await world.installer.recover();
    expect((await snapshot(world)).files).toEqual({ [before.path]: before.sha256 });
  });

  test("never removes other bytes than those of the operation", async () => {
    const { world, before } = await installed();
    await leave(world, { namespace: "echo", before, after }, { [after.path]: "// my own work" });
    await world.installer.recover();
    expect((await snapshot(world)).files).toEqual({
      [file]: before.sha256,
      [after.path]: hash("// my own work"),
    });
  });

  test.each(["", '{"namespace":"echo","bef', '{"namespace":"../../up","before":null,"after":null}'])(
    "forgets an entry that was cut off while it was written: %j",
    async (torn) => {
      const { world, whole } = await installed();
      await leave(world, torn);
      await world.installer.recover();
      expect(await snapshot(world)).toEqual(whole);
    },
  );

  test("removes staging files, in their folder and beside the target, and no other files", async () => {
    const { world, whole, before } = await installed();
    await writeFile(path.join(world.staging, "x.staged"), "left");
    await writeFile(path.join(world.staging, "upload.part"), "of another part of the server");
    await leave(world, { namespace: "echo", before, after }, { [`${after.path}.staged`]: "half" });
    await world.installer.recover();
    expect(await readdir(world.staging)).toEqual(["upload.part"]);
    expect((await snapshot(world)).files).toEqual(whole.files);
  });

  test("continues after a namespace that fails, and keeps its entry", async () => {
    const { world, before } = await installed();
    await leave(world, { namespace: "echo", before, after });
    await rm(path.join(world.plugins, file));
    await mkdir(path.join(world.plugins, file));
    await world.installer.recover();
    expect(await readdir(world.journal)).toEqual(["echo.json"]);
    await rm(path.join(world.plugins, file), { recursive: true });
    await world.installer.recover();
    expect(await world.installer.verify()).toMatchObject([{ state: "ok" }]);
  });

  test("runs before the next operation on the plugin, without a restart", async () => {
    const { world, before } = await installed();
    await leave(world, { namespace: "echo", before, after }, { [after.path]: two });
    await world.install("echo");
    expect(Object.keys((await snapshot(world)).files)).toEqual([file]);
    expect(await world.call("echo")).toEqual({ version: "2.0.0" });
  });
});
