import { HitagiError, SERVER_ACTOR } from "@hitagi/contract";
import { expect, onTestFinished, test } from "vitest";
import { createInProcessBus } from "../../src/events/in-process.ts";
import { observeEvents } from "../../src/events/types.ts";
import { createHistory } from "../../src/history/history.ts";
import { recordQuarantines, trackRefreshes } from "../../src/history/record.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { tempFolder } from "../support/temp-folder.ts";

const open = async (keepEntries = 100, keepSeconds = 1000) => {
  const store = await openSqliteStore(`${await tempFolder()}/hitagi.db`);
  onTestFinished(() => store.close());
  const errors: unknown[] = [];
  const clock = { now: 5000 };
  const history = createHistory({
    store: store.history,
    log: { error: (line: unknown) => void errors.push(line) },
    keepEntries,
    keepSeconds,
    now: () => clock.now,
  });
  return { history, store, errors, clock };
};

const refreshAction = { actor: { kind: "schedule", key: null }, action: "refresh", subject: null } as const;

test("a tracked action is recorded with its outcome and time, and its result is returned", async () => {
  const { history, clock } = await open();
  const work = async () => {
    clock.now += 1.5;
    return "done";
  };
  expect(await history.track(refreshAction, work)).toBe("done");
  const fails = history.track(refreshAction, async () => {
    throw new HitagiError("REGISTRY_BUSY", { id: "x", name: "Example" });
  });
  await expect(fails).rejects.toMatchObject({ code: "REGISTRY_BUSY" });
  await expect(
    history.track(refreshAction, async () => {
      throw new TypeError("x");
    }),
  ).rejects.toThrow("x");
  await history.close();
  const { items } = await history.list({}, 1, 9);
  expect(items.map(({ outcome, ms, time }) => [outcome, ms, time])).toEqual([
    ["INTERNAL", 0, 5001.5],
    ["REGISTRY_BUSY", 0, 5001.5],
    ["ok", 1500, 5000],
  ]);
});

test("entries that are too old or too many are removed, at most every ten minutes", async () => {
  const { history, clock } = await open(2, 1000);
  const add = async () => {
    await history.track(refreshAction, async () => {});
    await history.close();
    return (await history.list({}, 1, 9)).total;
  };
  expect([await add(), await add(), await add()]).toEqual([1, 2, 3]);
  clock.now += 601;
  expect(await add()).toBe(2);
  clock.now += 2000;
  expect(await add()).toBe(1);
});

test("an entry that cannot be written is logged", async () => {
  const { history, store, errors } = await open();
  await store.close();
  await history.track(refreshAction, async () => {});
  await history.close();
  expect(errors).toEqual([{ err: expect.objectContaining({ code: "STORE_FAILED" }), action: "refresh" }]);
});

test("a refresh by the schedule is recorded with its registry and its outcome", async () => {
  const { history } = await open();
  const refreshed = { index: Buffer.from("{}"), changed: true };
  const { refresh } = trackRefreshes(
    {
      refresh: async (id) => {
        if (id === "REG_0000000001") return refreshed;
        throw new HitagiError("REGISTRY_NOT_FOUND", { id });
      },
    },
    history,
    { kind: "schedule", key: null },
  );
  expect(await refresh("REG_0000000001")).toBe(refreshed);
  await expect(refresh("REG_0000000002")).rejects.toMatchObject({ code: "REGISTRY_NOT_FOUND" });
  await history.close();
  const { items } = await history.list({ actor: "schedule" }, 1, 9);
  expect(items.map(({ action, subject, outcome }) => [action, subject?.id, outcome])).toEqual([
    ["refresh_registry", "REG_0000000002", "REGISTRY_NOT_FOUND"],
    ["refresh_registry", "REG_0000000001", "ok"],
  ]);
});

test("a quarantine is recorded as done by the server itself", async () => {
  const { history } = await open();
  const bus = createInProcessBus();
  const [events, elsewhere] = [observeEvents(bus, [recordQuarantines(history)]), bus];
  const plugin = { kind: "plugin", namespace: "boom", version: "1.0.0", from: "1.0.0" } as const;
  events.publish({ ...plugin, action: "configured" });
  events.publish({ ...plugin, action: "quarantined" });
  // An event of another server is recorded there.
  elsewhere.publish({ ...plugin, action: "quarantined" });
  await history.close();
  const { items } = await history.list({}, 1, 9);
  expect(items).toEqual([
    expect.objectContaining({
      actor: SERVER_ACTOR,
      action: "quarantine_plugin",
      subject: { kind: "plugin", id: "boom" },
    }),
  ]);
});
