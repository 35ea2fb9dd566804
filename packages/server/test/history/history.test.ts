import { HitagiError } from "@hitagi/contract";
import { expect, onTestFinished, test } from "vitest";
import { createHistory } from "../../src/history/history.ts";
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

const deed = { actor: { kind: "schedule", key: null }, action: "refresh", subject: null } as const;

test("what is tracked is recorded with its outcome and time, and answers what it does", async () => {
  const { history, clock } = await open();
  const work = async () => {
    clock.now += 1.5;
    return "done";
  };
  expect(await history.track(deed, work)).toBe("done");
  const fails = history.track(deed, async () => {
    throw new HitagiError("REGISTRY_BUSY", { id: "x" });
  });
  await expect(fails).rejects.toMatchObject({ code: "REGISTRY_BUSY" });
  await expect(
    history.track(deed, async () => {
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

test("what is old or too much goes, at most every ten minutes", async () => {
  const { history, clock } = await open(2, 1000);
  const add = async () => {
    await history.track(deed, async () => {});
    await history.close();
    return (await history.list({}, 1, 9)).total;
  };
  expect([await add(), await add(), await add()]).toEqual([1, 2, 3]);
  clock.now += 601;
  expect(await add()).toBe(2);
  clock.now += 2000;
  expect(await add()).toBe(1);
});

test("an entry that cannot be written is told of in the log", async () => {
  const { history, store, errors } = await open();
  await store.close();
  await history.track(deed, async () => {});
  await history.close();
  expect(errors).toEqual([{ err: expect.objectContaining({ code: "STORE_FAILED" }), action: "refresh" }]);
});
