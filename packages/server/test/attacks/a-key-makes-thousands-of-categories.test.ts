import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createCategories, MAX_CATEGORIES } from "../../src/library/categories.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { CategoryStore } from "../../src/store/types.ts";
import { tempFolder } from "../support/temp-folder.ts";

const openStore = async (): Promise<CategoryStore> => {
  const store = await openSqliteStore(path.join(await tempFolder(), "hitagi.db"));
  onTestFinished(() => store.close());
  return store.categories;
};

/** The categories of a server at one moment, with the number of its tries to add one. */
const openCategories = (store: CategoryStore) => {
  const counted = { tries: 0 };
  const categories = createCategories({
    store: {
      ...store,
      replace: (...args) => {
        counted.tries++;
        return store.replace(...args);
      },
    },
    getArchive: async () => {},
    now: () => 1_700_000_000.5,
  });
  const add = (name: string) => categories.create({ name, search: "", pinned: false });
  return { counted, add };
};

const MANY = 300;

test("one more category costs one try, however many were made in its second, and in the order of creation", async () => {
  const store = await openStore();
  const { counted, add } = openCategories(store);
  for (let n = 0; n < MANY; n++) await add(`${n}`);
  expect(counted.tries).toBe(MANY);
  expect((await store.list()).map(({ name }) => name)).toEqual(
    Array.from({ length: MANY }, (_, n) => `${n}`),
  );

  const restarted = openCategories(store);
  const id = await restarted.add("after a restart");
  expect([id, restarted.counted.tries]).toEqual([`SET_${1_700_000_000 + MANY}`, 1]);
});

test("servers that add at once use an id once", async () => {
  const store = await openStore();
  const servers = [openCategories(store), openCategories(store)];
  const ids = await Promise.all(servers.flatMap(({ add }) => ["a", "b", "c"].map(add)));
  expect(new Set(ids).size).toBe(6);
});

test("a library has a limited number of categories, and says so", async () => {
  const store = await openStore();
  const full = Array.from({ length: MAX_CATEGORIES }, (_, n) => ({
    ...{ id: `SET_${n}`, name: `${n}`, search: "", pinned: false, archives: [], bookmarked: 0, revision: 1 },
  }));
  const { add, counted } = openCategories({ ...store, list: async () => full });
  await expect(add("one more")).rejects.toMatchObject({
    code: "CATEGORIES_FULL",
    status: 409,
    message: "There are 5000 categories, the most that a library has.",
  });
  expect(counted.tries).toBe(0);
  full.pop();
  expect(await add("one more")).toMatch(/^SET_\d{10}$/);
});
