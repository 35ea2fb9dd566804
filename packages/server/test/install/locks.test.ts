import { pino } from "pino";
import { expect, expectTypeOf, test } from "vitest";
import type { InstallDeps } from "../../src/install/deps.ts";
import { type LockedDeps, withPluginLocks } from "../../src/install/locks.ts";
import { activate } from "../../src/install/steps/activate.ts";
import { commit } from "../../src/install/steps/commit.ts";
import { keepArtifacts } from "../../src/install/steps/keep-artifacts.ts";
import { pruneVersions } from "../../src/install/steps/retention.ts";
import type { Change } from "../../src/install/steps/stage.ts";
import { type Undo, withUndo } from "../../src/install/undo.ts";

test("a step that changes a plugin does not compile without the plugin's lock", () => {
  expectTypeOf<InstallDeps>().not.toExtend<LockedDeps>();
  for (const step of [commit, activate, keepArtifacts, pruneVersions])
    expectTypeOf(step).parameter(0).toEqualTypeOf<LockedDeps>();
  expectTypeOf<InstallDeps["store"]["plugins"]>().not.toHaveProperty("commit");

  const unlocked = (deps: InstallDeps, undo: Undo, change: Change) => {
    // @ts-expect-error -- the dependencies carry no lock
    void commit(deps, undo, change);
    // @ts-expect-error -- a copy of them carries none either
    activate({ ...deps }, change, undefined);
    // @ts-expect-error -- a commit names at least one lock
    void deps.commitUnder({ namespace: "echo", expect: undefined, after: undefined, now: 1, under: [] });
  };
  expect(unlocked).toBeTypeOf("function");
});

test("the lock of a plugin excludes a second operation, and is released when the first one fails", async () => {
  const keys = new Set<string>();
  const tryAcquire = async (key: string) => {
    if (keys.has(key)) return undefined;
    keys.add(key);
    return { key, release: async () => void keys.delete(key) };
  };
  const deps = { store: { locks: { tryAcquire } }, log: pino({ level: "silent" }) } as unknown as InstallDeps;
  const second = () => withPluginLocks(deps, ["echo"], async () => "ran");
  const first = withPluginLocks(deps, ["echo"], (locked) =>
    withUndo(locked, async () => {
      await expect(second()).rejects.toMatchObject({ code: "PLUGIN_BUSY" });
      throw new Error("it fails");
    }),
  );
  await expect(first).rejects.toThrow("it fails");
  expect(await second()).toBe("ran");
});
