import { expect, test } from "vitest";
import { fresh, type OpenStore, upTo } from "./open.ts";

const now = (): number => Date.now() / 1000;
const soon = (): number => now() + 60;

export const cacheContract = (open: OpenStore): void => {
  test("a value is read until it expires", async () => {
    const { store } = await fresh(open);
    const expires = soon();
    await store.cache.set("one", "key 🔑", "value", expires);
    expect(await store.cache.get("one", "key 🔑", expires - 1)).toBe("value");
    expect(await store.cache.get("one", "key 🔑", expires)).toBeUndefined();
    expect(await store.cache.get("one", "other", now())).toBeUndefined();
  });

  test("the last value counts", async () => {
    const { store } = await fresh(open);
    await store.cache.set("one", "k", "old", soon());
    await store.cache.set("one", "k", "", soon());
    expect(await store.cache.get("one", "k", now())).toBe("");
  });

  test("each namespace has its own, in any case of letters", async () => {
    const { store } = await fresh(open);
    await store.cache.set("One", "k", "1", soon());
    await store.cache.set("two", "k", "2", soon());
    expect(await store.cache.get("ONE", "k", now())).toBe("1");
    await store.cache.clear("oNe");
    expect(await store.cache.get("one", "k", now())).toBeUndefined();
    expect(await store.cache.get("two", "k", now())).toBe("2");
  });

  test("beyond 1,000 entries the oldest of the namespace are removed; setting an entry again renews it", async () => {
    const { store } = await fresh(open);
    await store.cache.set("other", "k", "stays", soon());
    for (const i of upTo(1000)) await store.cache.set("one", `k${i}`, "v", soon());
    await store.cache.set("one", "k0", "again", soon());
    await store.cache.set("one", "new", "v", soon());
    await store.cache.set("one", "newer", "v", soon());
    const get = (key: string) => store.cache.get("one", key, now());
    expect([await get("k0"), await get("k1"), await get("k2"), await get("k3")]).toEqual([
      "again",
      undefined,
      undefined,
      "v",
    ]);
    expect(await get("newer")).toBe("v");
    expect(await store.cache.get("other", "k", now())).toBe("stays");
  });
};
