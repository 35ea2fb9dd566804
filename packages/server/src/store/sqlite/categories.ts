import { recordCheck } from "../bad-records.ts";
import { CategoryRecord } from "../contract/categories.ts";
import type { CategoryStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { recordsOf, type Table } from "./table.ts";

export const categories: Table<CategoryRecord> = {
  name: "categories",
  columns: "id, name, search, pinned, archives, bookmarked, revision",
  key: "id",
  order: { id: "" },
  json: ["archives"],
  check: recordCheck(CategoryRecord),
  toRow: ({ pinned, ...category }) => ({ ...category, pinned: pinned ? 1 : 0 }),
  fromRow: ({ pinned, ...category }) => ({ ...category, pinned: pinned === 1 }),
};

export const createCategoryStore = (connection: Connection): CategoryStore => {
  const { insert, upsert, select, one, all } = recordsOf(connection, categories);
  const add = insert("INSERT OR IGNORE");
  const put = upsert();
  const find = select("WHERE id = ?");
  const remove = connection.prepare("DELETE FROM categories WHERE id = ?");

  return {
    list: all("ORDER BY id"),
    get: one("WHERE id = ?"),
    replace: (id, revision, record) =>
      connection.write(() => {
        if (revision === undefined) return record !== undefined && add(record) > 0;
        if (find(id)[0]?.revision !== revision) return false;
        if (record) put(record);
        else remove.run(id);
        return true;
      }),
  };
};
