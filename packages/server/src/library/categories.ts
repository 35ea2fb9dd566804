import { HitagiError } from "@hitagi/contract";
import type { CategoryRecord, CategoryStore } from "../store/types.ts";
import { storedLine } from "./tags.ts";
import type { Categories, Category, CategoryFields } from "./types.ts";

export interface CategoryDeps {
  store: CategoryStore;
  /** @throws HitagiError ARCHIVE_NOT_FOUND */
  getArchive(id: string): Promise<unknown>;
  /** Epoch seconds. */
  now: () => number;
}

/** The categories of a folder's library, which follow its archives. */
export interface StoredCategories extends Categories {
  /** Puts another archive in the place of one that is gone, in all categories; without another one it is taken out. */
  replaceArchive(archive: string, by?: string): Promise<void>;
}

/** Categories of a library: every list of them reads all. */
export const MAX_CATEGORIES = 5000;

/** How often a change is tried while others change the same category. */
const TRIES = 100;

type Change = (record: CategoryRecord) => Partial<CategoryRecord> | undefined;

const idAt = (seconds: number): string => `SET_${String(seconds).padStart(10, "0")}`;

const viewOf = ({ id, name, search, pinned, archives }: CategoryRecord): Category => ({
  id,
  name,
  search,
  pinned,
  archives: search === "" ? archives : [],
});

/** A category's texts as they are stored. */
export const tidyCategory = ({
  name,
  search,
  ...rest
}: Partial<CategoryFields>): Partial<CategoryFields> => ({
  ...(name !== undefined && { name: storedLine(name) }),
  ...(search !== undefined && { search: storedLine(search) }),
  ...rest,
});

const assertStatic = ({ id, search }: CategoryRecord): void => {
  if (search !== "") throw new HitagiError("CATEGORY_DYNAMIC", { id });
};

const newest = (records: readonly CategoryRecord[]): CategoryRecord | undefined =>
  records.filter(({ bookmarked }) => bookmarked > 0).sort((a, b) => b.bookmarked - a.bookmarked)[0];

/** Categories in a store. A change is computed again if another one came before it. */
export const createCategories = ({ store, getArchive, now }: CategoryDeps): StoredCategories => {
  const read = async (id: string): Promise<CategoryRecord> => {
    const record = await store.get(id);
    if (record === undefined) throw new HitagiError("CATEGORY_NOT_FOUND", { id });
    return record;
  };

  /** @param next what takes the place of a category: nothing, or the same if it stays @returns whether it did not stay */
  const replaceOne = async (
    id: string,
    next: (record: CategoryRecord) => CategoryRecord | undefined,
  ): Promise<boolean> => {
    for (let tries = 0; tries < TRIES; tries++) {
      const record = await read(id);
      const replacement = next(record);
      if (replacement === record) return false;
      if (await store.replace(id, record.revision, replacement)) return true;
    }
    throw new HitagiError("CATEGORY_BUSY", { id });
  };

  /** @param change what becomes different; undefined if nothing does @returns whether something did */
  const changeOne = (id: string, change: Change): Promise<boolean> =>
    replaceOne(id, (record) => {
      const changed = change(record);
      return changed === undefined ? record : { ...record, ...changed, revision: record.revision + 1 };
    });

  const unlinkAllBut = async (linked: string | undefined): Promise<void> => {
    for (const { id, bookmarked } of await store.list()) {
      if (bookmarked > 0 && id !== linked) await changeOne(id, () => ({ bookmarked: 0 }));
    }
  };

  /** The second from which the next id is tried, so that the ids of many others are not tried again; 0 before the first one. */
  let next = 0;

  const freeFrom = (seconds: number, records: readonly CategoryRecord[]): number => {
    const taken = new Set(records.map(({ id }) => id));
    let free = seconds;
    while (taken.has(idAt(free))) free++;
    return free;
  };

  return {
    list: async () => (await store.list()).map(viewOf),
    get: async (id) => viewOf(await read(id)),
    async create(fields) {
      const rest = { archives: [], bookmarked: 0, revision: 1 };
      const records = await store.list();
      if (records.length >= MAX_CATEGORIES)
        throw new HitagiError("CATEGORIES_FULL", { limit: MAX_CATEGORIES });
      next ||= freeFrom(Math.floor(now()), records);
      for (let seconds = Math.max(next, Math.floor(now())); ; seconds++) {
        const id = idAt(seconds);
        if (!(await store.replace(id, undefined, { ...fields, ...tidyCategory(fields), ...rest, id })))
          continue;
        next = seconds + 1;
        return id;
      }
    },
    async update(id, fields) {
      await changeOne(id, () => tidyCategory(fields));
    },
    async delete(id) {
      await replaceOne(id, () => undefined);
    },
    async add(id, archive) {
      assertStatic(await read(id));
      await getArchive(archive);
      return changeOne(id, (record) => {
        assertStatic(record);
        const { archives } = record;
        return archives.includes(archive) ? undefined : { archives: [...archives, archive] };
      });
    },
    remove: (id, archive) =>
      changeOne(id, (record) => {
        assertStatic(record);
        const { archives } = record;
        return archives.includes(archive)
          ? { archives: archives.filter((one) => one !== archive) }
          : undefined;
      }),
    bookmark: async () => newest(await store.list())?.id,
    async linkBookmark(id) {
      const record = await store.get(id);
      if (record === undefined) throw new HitagiError("BOOKMARK_NOT_FOUND", { id });
      if (record.search !== "") throw new HitagiError("BOOKMARK_DYNAMIC", { id });
      await changeOne(id, () => ({ bookmarked: Math.floor(now() * 1000) }));
      await unlinkAllBut(id);
    },
    async unlinkBookmark() {
      const linked = newest(await store.list())?.id;
      await unlinkAllBut(undefined);
      return linked;
    },
    async replaceArchive(archive, by) {
      for (const { id, archives } of await store.list()) {
        if (!archives.includes(archive)) continue;
        await changeOne(id, ({ archives: now }) => ({
          archives: now.flatMap((one) => (one === archive ? (by ?? []) : one)),
        }));
      }
    },
  };
};
