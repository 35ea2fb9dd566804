import { expect, test } from "vitest";
import type { KeyRecord } from "../../../src/store/types.ts";
import { fresh, NOW, type OpenStore, upTo } from "./open.ts";

const key = (n: number, more: Partial<KeyRecord> = {}): KeyRecord => ({
  id: `id-${n}`,
  name: `key ${n}`,
  scope: "read",
  hash: "0".repeat(64),
  created: NOW,
  expires: null,
  lastUsed: null,
  ...more,
});

export const keyContract = (open: OpenStore): void => {
  test("a key is read back as it was made, and listed oldest first", async () => {
    const { store, reopen } = await fresh(open);
    const keys = [key(3), key(1, { expires: NOW + 5, lastUsed: NOW }), key(2, { created: NOW - 1 })];
    for (const made of keys) expect(await store.keys.create(made)).toBe(true);
    const again = await reopen();
    expect(await again.keys.get("id-1")).toEqual(keys[1]);
    expect(await again.keys.get("id-9")).toBeUndefined();
    expect(await again.keys.list()).toEqual([keys[2], keys[0], keys[1]]);
  });

  test("of many keys with one name at once, one is made", async () => {
    const { store } = await fresh(open);
    const made = await Promise.all(upTo(20).map((n) => store.keys.create(key(n, { name: "same" }))));
    expect(made.filter(Boolean)).toHaveLength(1);
    expect(await store.keys.list()).toHaveLength(1);
  });

  test("an id is used once, even with different names", async () => {
    const { store } = await fresh(open);
    await store.keys.create(key(1));
    expect(await store.keys.create(key(1, { name: "another" }))).toBe(false);
    expect((await store.keys.get("id-1"))?.name).toBe("key 1");
  });

  test("a deleted key is gone, and its name is free", async () => {
    const { store } = await fresh(open);
    await store.keys.create(key(1));
    expect(await store.keys.delete("key 1")).toBe(true);
    expect(await store.keys.delete("key 1")).toBe(false);
    expect(await store.keys.get("id-1")).toBeUndefined();
    expect(await store.keys.create(key(2, { name: "key 1" }))).toBe(true);
  });

  test("the last use of a key is noted; that of a deleted key is not", async () => {
    const { store } = await fresh(open);
    await store.keys.create(key(1));
    await store.keys.used("id-1", NOW + 7);
    await store.keys.used("id-2", NOW + 7);
    expect(await store.keys.list()).toEqual([key(1, { lastUsed: NOW + 7 })]);
  });
};
