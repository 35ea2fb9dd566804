import path from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { createArchiveIndex } from "../../src/library/archive-index.ts";
import { selectArchives } from "../../src/library/select.ts";
import type { ArchiveSelection } from "../../src/library/types.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { ArchiveRecord, ArchiveStore, Store } from "../../src/store/types.ts";
import { opened } from "../store/redis/world.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { tempFolder } from "../support/temp-folder.ts";

const archive = (n: number, more: Partial<ArchiveRecord> = {}): ArchiveRecord => ({
  id: n.toString(16).padStart(40, "0"),
  file: `shelf ${n % 7}/${n}.cbz`,
  title: `Title ${(n * 31) % 1009}`,
  tags: `artist:${n % 13}, language:english`,
  summary: `about ${n}`,
  size: (n * 17) % 101,
  pages: n % 5,
  added: 1_700_000_000 + (n % 11),
  ...more,
});

const selections: readonly ArchiveSelection[] = [
  {},
  { order: "desc" },
  { sort: "title" },
  { sort: "title", order: "desc" },
  { sort: "size", q: "title 1" },
  { sort: "added", tag: "artist:3" },
  { sort: "file", folder: "shelf 2" },
  { sort: "pages", untagged: false },
  { ref: "12.cbz" },
  { idStart: "000" },
];

const indexOf = (archives: ArchiveStore, idleMs?: number) => {
  const index = createArchiveIndex(archives, idleMs === undefined ? {} : { idleMs });
  onTestFinished(index.close);
  return index;
};

/** What the index answers is what the records themselves say. */
const expectRight = async (index: ReturnType<typeof indexOf>, archives: ArchiveStore): Promise<void> => {
  const records = await archives.list();
  for (const selection of selections) {
    const wanted = await selectArchives(records, selection);
    expect(await index.select(selection), JSON.stringify(selection)).toEqual(wanted);
    expect(await index.select(selection, 2, 3)).toEqual({
      total: wanted.total,
      items: wanted.items.slice(2, 5),
    });
    expect(await index.ids(selection)).toEqual(wanted.items.map(({ id }) => id));
  }
};

const fill = async ({ archives }: Store, count: number): Promise<void> => {
  for (let n = 0; n < count; n++) await archives.add(archive(n));
};

const follows = async (store: Store, change: Store): Promise<void> => {
  await fill(store, 300);
  const index = indexOf(store.archives);
  await expectRight(index, store.archives);
  await change.archives.update(archive(5).id, { title: "Title 0", tags: "" });
  await change.archives.update(archive(7).id, { file: "elsewhere/12.cbz", size: 50 });
  await change.archives.delete(archive(9).id);
  await change.archives.add(archive(1000));
  await expectRight(index, store.archives);
  // It comes to the end of the order.
  await change.archives.delete(archive(0).id);
  await change.archives.add(archive(0));
  await expectRight(index, store.archives);
  for (let n = 300; n < 500; n++) await change.archives.add(archive(n));
  await expectRight(index, store.archives);
};

const sqlite = async () => {
  const file = path.join(await tempFolder(), "hitagi.db");
  const store = await openSqliteStore(file);
  onTestFinished(() => store.close());
  return { store, file };
};

test("each answer has every change that was made before its question", async () => {
  const { store } = await sqlite();
  await follows(store, store);
});

test("what another program writes into the database is in the next answer", async () => {
  const { store, file } = await sqlite();
  await fill(store, 3);
  const index = indexOf(store.archives);
  await index.select({ sort: "title" });
  const other = new DatabaseSync(file);
  other.exec("UPDATE archives SET title = 'Zed', tags = 'artist:new' WHERE file LIKE '%/0.cbz'");
  other.close();
  expect((await index.ids({ sort: "title" })).at(-1)).toBe(archive(0).id);
  expect(await index.ids({ tag: "artist:new" })).toEqual([archive(0).id]);
});

test("an archive that is deleted and added again during the reading is listed once, at its new place", async () => {
  const { store } = await sqlite();
  await fill(store, 600);
  const { archives } = store;
  let reads = 0;
  const page: ArchiveStore["page"] = async (after) => {
    const read = await archives.page(after);
    if (++reads === 1) {
      await archives.delete(archive(1).id);
      await archives.add(archive(1));
    }
    return read;
  };
  const index = indexOf({ ...archives, page });
  expect((await index.select({})).items).toEqual(await archives.list());
  await expectRight(index, archives);
});

test("a page without an archive that was deleted after the choice is chosen again", async () => {
  const { store } = await sqlite();
  await fill(store, 10);
  const { archives } = store;
  let isFirst = true;
  const some: ArchiveStore["some"] = async (ids) => {
    if (isFirst) await archives.delete(archive(2).id);
    isFirst = false;
    return archives.some(ids);
  };
  const index = indexOf({ ...archives, some });
  const { total, items } = await index.select({}, 0, 5);
  expect(total).toBe(9);
  expect(items.map(({ id }) => id)).toEqual([0, 1, 3, 4, 5].map((n) => archive(n).id));
});

test("it reads all again only after it was forgotten", async () => {
  const { store } = await sqlite();
  await fill(store, 10);
  const { archives } = store;
  let reads = 0;
  const page: ArchiveStore["page"] = (after) => {
    if (after === undefined) reads++;
    return archives.page(after);
  };
  const index = indexOf({ ...archives, page });
  await Promise.all([index.select({}), index.select({ sort: "title" }), index.ids({ q: "title" })]);
  await archives.update(archive(1).id, { title: "x" });
  await index.select({ sort: "title" });
  expect(reads).toBe(1);
  index.close();
  await index.select({});
  expect(reads).toBe(2);
});

test("a failed reading is no answer, and the next one reads again", async () => {
  const { store } = await sqlite();
  await fill(store, 3);
  const { archives } = store;
  let fails = false;
  const changes: ArchiveStore["changes"] = async (since) => {
    if (fails) throw new Error("the store is gone");
    return archives.changes(since);
  };
  const index = indexOf({ ...archives, changes });
  await index.select({});
  fails = true;
  await archives.delete(archive(0).id);
  await expect(index.select({})).rejects.toThrow("the store is gone");
  fails = false;
  expect((await index.select({})).total).toBe(2);
});

describe.skipIf(withoutRedis)("on a Redis", () => {
  const redis = sharedRedis();

  test("each answer has what another server changed before its question", async () => {
    const [one, another] = [await opened(redis(), 1), await opened(redis(), 1)];
    await follows(one, another);
  });
});
