import { expect, test } from "vitest";
import { fresh, type OpenStore, upTo } from "./open.ts";

export const lockContract = (open: OpenStore): void => {
  test("of a hundred attempts at once, one gets the lock", async () => {
    const { store } = await fresh(open);
    const locks = await Promise.all(upTo(100).map(() => store.locks.tryAcquire("plugin:one")));
    expect(locks.filter((lock) => lock !== undefined)).toHaveLength(1);
  });

  test("a released lock can be taken, and other keys are free meanwhile", async () => {
    const { store } = await fresh(open);
    const lock = await store.locks.tryAcquire("plugin:one");
    expect(await store.locks.tryAcquire("plugin:two")).toMatchObject({ key: "plugin:two" });
    expect(await store.locks.tryAcquire("plugin:one")).toBeUndefined();
    await lock?.release();
    expect(await store.locks.tryAcquire("plugin:one")).toMatchObject({ key: "plugin:one" });
  });

  test("a second release does not free the next holder's lock", async () => {
    const { store } = await fresh(open);
    const first = await store.locks.tryAcquire("k");
    await first?.release();
    const second = await store.locks.tryAcquire("k");
    await first?.release();
    expect(second).toMatchObject({ key: "k" });
    expect(await store.locks.tryAcquire("k")).toBeUndefined();
  });

  test("locks end when their store is closed", async () => {
    const { store, reopen } = await fresh(open);
    await store.locks.tryAcquire("k");
    expect(await (await reopen()).locks.tryAcquire("k")).toMatchObject({ key: "k" });
  });

  test("each token is larger than those before", async () => {
    const { store } = await fresh(open);
    const first = await store.locks.tryAcquire("k");
    await first?.release();
    const other = await store.locks.tryAcquire("other");
    const second = await store.locks.tryAcquire("k");
    expect(first).toMatchObject({ key: "k" });
    expect(other?.token).toBeGreaterThan(first?.token ?? Number.POSITIVE_INFINITY);
    expect(second?.token).toBeGreaterThan(other?.token ?? Number.POSITIVE_INFINITY);
  });
};
