import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { createDeferred } from "../../../src/async/deferred.ts";
import { reconcilePlugin } from "../../../src/install/recovery/reconcile-plugin.ts";
import type { InstalledFile } from "../../../src/install/steps/current-state.ts";
import { fileOf, type MachineState, openMachine } from "./machine.ts";

const one = fileOf("Managed/Scripts/one.ts", "one");
const two = fileOf("Managed/Scripts/two.ts", "two");
const uploaded = fileOf("Sideloaded/up.ts", "up");

const reconciled = async (state: MachineState, installed?: InstalledFile) => {
  const machine = await openMachine(state);
  await reconcilePlugin(machine.deps, "echo", installed);
  expect(await machine.entries()).toEqual([]);
  return { files: await machine.files(), events: machine.events };
};

const AGREED = "a plugin's files were made to agree with its record";
const journaled = (before: InstalledFile | null) => ["journaled", { namespace: "echo", before, after: null }];

describe("reconciling a plugin", () => {
  test("changes nothing if its file agrees with the record", async () => {
    const state = { installed: one, files: { [one.path]: "one" } };
    for (const installed of [one, undefined]) {
      expect(await reconciled(state, installed)).toEqual({ files: state.files, events: [] });
    }
  });

  test("changes nothing if there is no record and no file", async () => {
    expect(await reconciled({})).toEqual({ files: {}, events: [] });
  });

  test("restores a missing file from its artifact, under a journal entry", async () => {
    const { files, events } = await reconciled({ installed: one, artifacts: ["one"] });
    expect(files).toEqual({ [one.path]: "one" });
    expect(events).toEqual([
      journaled(null),
      ["info", { namespace: "echo", version: "1.0.0", removed: undefined }, AGREED],
    ]);
  });

  test("removes the file of a version that moved", async () => {
    const state = { installed: one, artifacts: ["one"], files: { [two.path]: "two" } };
    const { files, events } = await reconciled(state, two);
    expect(files).toEqual({ [one.path]: "one" });
    expect(events).toEqual([
      journaled(two),
      ["evict", two.sha256],
      ["info", { namespace: "echo", version: "1.0.0", removed: two.path }, AGREED],
    ]);
  });

  test("removes the old file also if the new one is in place", async () => {
    const state = { installed: one, files: { [one.path]: "one", [two.path]: "two" } };
    expect((await reconciled(state, two)).files).toEqual({ [one.path]: "one" });
  });

  test("replaces a file with other bytes at the recorded path, and removes none", async () => {
    const state = { installed: one, artifacts: ["one"], files: { [one.path]: "old" } };
    const { files, events } = await reconciled(state, fileOf(one.path, "old"));
    expect(files).toEqual({ [one.path]: "one" });
    expect(events[0]).toEqual(journaled(null));
  });

  test("removes the file of a removed plugin", async () => {
    const { files, events } = await reconciled({ files: { [one.path]: "one" } }, one);
    expect(files).toEqual({});
    expect(events.at(-1)).toEqual(["info", { namespace: "echo", version: null, removed: one.path }, AGREED]);
  });

  test("finds the file of a removed plugin by its kept versions", async () => {
    const state = { versions: [one, two], files: { [two.path]: "one" } };
    const { files, events } = await reconciled(state);
    expect(files).toEqual({});
    expect(events[0]).toEqual(journaled({ ...two, sha256: one.sha256 }));
  });

  test.each<[string, MachineState]>([
    ["whose bytes are of no kept version", { versions: [one], files: { [one.path]: "mine" } }],
    ["that was uploaded and is not known", { versions: [uploaded], files: { [uploaded.path]: "up" } }],
    ["outside of the folders", { versions: [fileOf("one.ts", "one")], files: { "one.ts": "one" } }],
    [
      "below the folders",
      {
        versions: [fileOf("Managed/Scripts/x/one.ts", "one")],
        files: { "Managed/Scripts/x/one.ts": "one" },
      },
    ],
  ])("keeps a file %s", async (_, state) => {
    expect(await reconciled(state)).toEqual({ files: state.files, events: [] });
  });

  test("removes an uploaded file if its bytes are of a kept version, and keeps it otherwise", async () => {
    const files = { [uploaded.path]: "up" };
    expect((await reconciled({ versions: [one, uploaded], files }, uploaded)).files).toEqual({});
    expect((await reconciled({ versions: [one], files }, uploaded)).files).toEqual(files);
    expect((await reconciled({ versions: [], files }, uploaded)).files).toEqual(files);
  });

  test("keeps an active file outside of the folders, also with the bytes of a kept version", async () => {
    const outside = fileOf("one.ts", "one");
    const state = { versions: [one], files: { "one.ts": "one" } };
    expect(await reconciled(state, outside)).toEqual({ files: state.files, events: [] });
  });

  test("fails before it moves a file if the recorded path is outside of the folders", async () => {
    const machine = await openMachine({
      installed: fileOf("../one.ts", "one"),
      artifacts: ["one"],
      files: { [two.path]: "two" },
    });
    await expect(reconcilePlugin(machine.deps, "echo", two)).rejects.toMatchObject({
      code: "PLUGIN_PLACE_INVALID",
      params: { namespace: "echo" },
    });
    expect([await machine.files(), machine.events]).toEqual([{ [two.path]: "two" }, []]);
  });

  test("fails before it moves a file if the recorded bytes are nowhere", async () => {
    const machine = await openMachine({ installed: one, files: { [two.path]: "two" } });
    await expect(reconcilePlugin(machine.deps, "echo", two)).rejects.toMatchObject({
      code: "PLUGIN_BYTES_MISSING",
      params: { namespace: "echo", version: "1.0.0" },
    });
    expect([await machine.files(), machine.events]).toEqual([{ [two.path]: "two" }, []]);
  });

  test("first finishes an interrupted operation", async () => {
    const machine = await openMachine({ installed: one, files: { [one.path]: "one", [two.path]: "two" } });
    await machine.deps.journal.write({ namespace: "echo", before: one, after: two });
    await reconcilePlugin(machine.deps, "echo", undefined);
    expect(await machine.files()).toEqual({ [one.path]: "one" });
    expect(await machine.entries()).toEqual([]);
  });
});

test("work on the files of a plugin waits until `follow` has ended", async () => {
  const { deps, files } = await openMachine({ installed: one, artifacts: ["one"] });
  const [started, release] = [createDeferred<void>(), createDeferred<void>()];
  const order: string[] = [];
  const first = reconcilePlugin(deps, "echo", undefined, async () => {
    expect(await files()).toEqual({ [one.path]: "one" });
    started.resolve();
    await release.promise;
    order.push("followed");
  });
  await started.promise;
  const second = deps.fileMutex.run("echo", async () => void order.push("second"));
  await deps.fileMutex.run("other", async () => void order.push("other plugin"));
  await writeFile(path.join(deps.stagingFolder, "x"), "");
  expect(order).toEqual(["other plugin"]);
  release.resolve();
  await Promise.all([first, second]);
  expect(order).toEqual(["other plugin", "followed", "second"]);
});
