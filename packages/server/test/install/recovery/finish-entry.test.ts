import { existsSync } from "node:fs";
import { link, lstat, mkdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { besidePlace } from "../../../src/disk/files.ts";
import { sha256Of } from "../../../src/disk/sha256.ts";
import { finishEntry, recover, replayJournal } from "../../../src/install/recovery/recover.ts";
import { fileOf, type MachineState, openMachine } from "./machine.ts";

const one = fileOf("Managed/Scripts/one.ts", "one");
const two = fileOf("Managed/Scripts/two.ts", "two");

/** Finishes an entry and gives the files that are left. */
const finished = async (
  state: MachineState,
  before: typeof one | null,
  after: typeof one | null,
): Promise<Record<string, string>> => {
  const { deps, files } = await openMachine(state);
  await deps.journal.write({ namespace: "echo", before, after });
  expect(await finishEntry(deps, "echo")).toBe(true);
  expect(await deps.journal.read("echo")).toBeUndefined();
  return files();
};

describe("finishing an entry", () => {
  test("keeps the file of the record and removes the other one", async () => {
    const files = { [one.path]: "one", [two.path]: "two" };
    expect(await finished({ installed: one, files }, one, two)).toEqual({ [one.path]: "one" });
    expect(await finished({ installed: two, files }, one, two)).toEqual({ [two.path]: "two" });
  });

  test("restores the file of the record from its artifact, if it is missing or differs", async () => {
    for (const files of [{}, { [one.path]: "other" }]) {
      const state = { installed: one, artifacts: ["one"], files };
      expect(await finished(state, null, null)).toEqual({ [one.path]: "one" });
    }
  });

  test("does not write a file again that is already right", async () => {
    const { deps } = await openMachine({ installed: one, artifacts: ["one"], files: { [one.path]: "one" } });
    const file = path.join(deps.pluginsFolder, one.path);
    const { ino } = await stat(file);
    await deps.journal.write({ namespace: "echo", before: one, after: null });
    await finishEntry(deps, "echo");
    expect((await stat(file)).ino).toBe(ino);
  });

  test("logs a file that cannot be restored, and leaves other bytes in its place", async () => {
    const { deps, events, files } = await openMachine({ installed: one, files: { [one.path]: "other" } });
    await deps.journal.write({ namespace: "echo", before: null, after: null });
    await finishEntry(deps, "echo");
    expect(await files()).toEqual({ [one.path]: "other" });
    const message = "a plugin's file could not be restored: its artifact is missing";
    expect(events).toEqual([["error", { file: one.path, sha256: one.sha256 }, message]]);
  });

  test("without a record removes the file of an uninstall and of a first install", async () => {
    expect(await finished({ files: { [one.path]: "one" } }, one, null)).toEqual({});
    expect(await finished({ files: { [two.path]: "two" } }, null, two)).toEqual({});
  });

  test("without a record restores the file that was there before an install", async () => {
    const state = { artifacts: ["one"], files: { [two.path]: "two" } };
    expect(await finished(state, one, two)).toEqual({ [one.path]: "one" });
  });

  test("removes a file with the bytes of either version, and no other bytes", async () => {
    const state = (text: string) => ({ files: { [one.path]: text } });
    expect(await finished(state("one"), one, null)).toEqual({});
    expect(await finished({ ...state("two"), installed: two, artifacts: ["two"] }, one, two)).toEqual({
      [two.path]: "two",
    });
    expect(await finished(state("mine"), one, null)).toEqual({ [one.path]: "mine" });
  });

  test("removes no folder and no link that is where a file of the operation was", async () => {
    for (const put of [mkdir, (place: string) => symlink("elsewhere", place)]) {
      const { deps, entries } = await openMachine({});
      const place = path.join(deps.pluginsFolder, one.path);
      await mkdir(path.dirname(place), { recursive: true });
      await put(place);
      await deps.journal.write({ namespace: "echo", before: one, after: null });
      await recover(deps);
      expect(await entries()).toEqual([]);
      expect((await lstat(place)).isFile()).toBe(false);
    }
  });

  test("does not remove the record's file under another name for it", async () => {
    const upper = { ...one, path: "Managed/Scripts/ONE.ts" };
    const { deps, files } = await openMachine({ installed: one, files: { [one.path]: "one" } });
    await link(path.join(deps.pluginsFolder, one.path), path.join(deps.pluginsFolder, upper.path));
    await deps.journal.write({ namespace: "echo", before: upper, after: one });
    await finishEntry(deps, "echo");
    expect(await files()).toEqual({ [one.path]: "one", [upper.path]: "one" });
  });

  test("touches no file outside of the folders for installed plugins", async () => {
    const outside = fileOf("mine.ts", "mine");
    const state = { installed: outside, artifacts: ["mine"], files: { "mine.ts.staged": "half" } };
    expect(await finished(state, outside, two)).toEqual(state.files);
    const { deps, events, files } = await openMachine({ files: { "mine.ts": "mine" } });
    await deps.journal.write({ namespace: "echo", before: outside, after: null });
    await finishEntry(deps, "echo");
    expect(await files()).toEqual({ "mine.ts": "mine" });
    expect(events).toEqual([]);
  });

  test("removes half-written files beside the record's file and those of the entry", async () => {
    const three = fileOf("Sideloaded/three.ts", "three");
    const files = Object.fromEntries([one, two, three].map(({ path }) => [`${path}.staged`, "half"]));
    const state = { installed: one, artifacts: ["one"], files: { ...files, "Sideloaded/x.staged": "x" } };
    expect(await finished(state, two, three)).toEqual({ [one.path]: "one", "Sideloaded/x.staged": "x" });
  });

  test("evicts the artifacts of the entry that no record names", async () => {
    const { deps, events } = await openMachine({ installed: one, files: { [one.path]: "one" } });
    await deps.journal.write({ namespace: "echo", before: one, after: two });
    await finishEntry(deps, "echo");
    expect(events).toEqual([["evict", two.sha256]]);
  });
});

test("a replay logs only an entry that there was", async () => {
  const { deps, events } = await openMachine({});
  expect(await finishEntry(deps, "echo")).toBe(false);
  await replayJournal(deps, "echo");
  expect(events).toEqual([]);
  await deps.journal.write({ namespace: "echo", before: null, after: null });
  await replayJournal(deps, "echo");
  expect(events).toEqual([["info", { namespace: "echo" }, "finished an interrupted operation"]]);
});

describe("the recovery at the start", () => {
  test("finishes each entry, and logs and keeps one that fails", async () => {
    const { deps, events, files, entries } = await openMachine({ files: { [two.path]: "two" } });
    await mkdir(besidePlace(path.join(deps.pluginsFolder, one.path)), { recursive: true });
    await deps.journal.write({ namespace: "a", before: one, after: null });
    await deps.journal.write({ namespace: "b", before: two, after: null });
    await recover(deps);
    expect(await files()).toEqual({});
    expect(await entries()).toEqual(["a"]);
    const failed = { err: expect.objectContaining({ syscall: "unlink" }), namespace: "a" };
    expect(events).toContainEqual(["error", failed, "an interrupted operation could not be finished"]);
    expect(events).toContainEqual(["info", { namespace: "b" }, "finished an interrupted operation"]);
    expect(events).toContainEqual(["evict", sha256Of("two")]);
  });

  test("removes staged files and no others", async () => {
    const { deps, staged } = await openMachine({});
    for (const name of ["a.staged", "b.staged", "staged.part", ".staged.keep"]) {
      await writeFile(path.join(deps.stagingFolder, name), "half");
    }
    await recover(deps);
    expect((await staged()).sort()).toEqual([".staged.keep", "staged.part"]);
  });

  test("does not need a staging folder, and makes none", async () => {
    const { deps } = await openMachine({});
    await rm(deps.stagingFolder, { recursive: true });
    await recover(deps);
    expect(existsSync(deps.stagingFolder)).toBe(false);
  });

  test("fails if the staging folder cannot be read", async () => {
    const { deps, folder } = await openMachine({});
    const stagingFolder = path.join(folder, "x".repeat(5000));
    await expect(recover({ ...deps, stagingFolder })).rejects.toMatchObject({ code: "ENAMETOOLONG" });
  });
});
