import { expect, test } from "vitest";
import type { CategoryRecord } from "../../../src/store/types.ts";
import { fresh, type OpenStore, upTo } from "./open.ts";

const category = (n: number, more: Partial<CategoryRecord> = {}): CategoryRecord => ({
  id: `SET_${1_700_000_000 + n}`,
  name: `名 ${n}`,
  search: "",
  pinned: false,
  archives: [],
  bookmarked: 0,
  revision: 1,
  ...more,
});

export const categoryContract = (open: OpenStore): void => {
  test("a category is read back as it was made, and listed by its id", async () => {
    const { store, reopen } = await fresh(open);
    const made = [
      category(2, { pinned: true, archives: ["b", "a"], bookmarked: 5 }),
      category(1, { search: "a:b" }),
    ];
    for (const one of made) expect(await store.categories.replace(one.id, undefined, one)).toBe(true);
    const again = await reopen();
    expect(await again.categories.list()).toEqual([made[1], made[0]]);
    expect(await again.categories.get(made[0]?.id ?? "")).toEqual(made[0]);
    expect(await again.categories.get("SET_0000000000")).toBeUndefined();
  });

  test("a category that exists is not added again, and a missing one is neither changed nor removed", async () => {
    const { store } = await fresh(open);
    const [one, other] = [category(1), category(2)];
    await store.categories.replace(one.id, undefined, one);
    expect(await store.categories.replace(one.id, undefined, category(1, { name: "x" }))).toBe(false);
    expect(await store.categories.replace(other.id, 1, other)).toBe(false);
    expect(await store.categories.replace(other.id, 1, undefined)).toBe(false);
    expect(await store.categories.list()).toEqual([one]);
  });

  test("of many changes of one revision at once, one is made", async () => {
    const { store } = await fresh(open);
    const { id } = category(1);
    await store.categories.replace(id, undefined, category(1));
    const changes = upTo(20).map((n) =>
      store.categories.replace(id, 1, category(1, { name: `${n}`, revision: 2 })),
    );
    expect((await Promise.all(changes)).filter(Boolean)).toHaveLength(1);
    expect(await store.categories.get(id)).toMatchObject({ revision: 2 });
    expect(await store.categories.replace(id, 1, undefined)).toBe(false);
    expect(await store.categories.replace(id, 2, undefined)).toBe(true);
    expect(await store.categories.list()).toEqual([]);
  });
};
