import { ArchiveId, CategoryId, HitagiError } from "@hitagi/contract";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import type { FormData } from "undici";
import { loadUndici } from "../../net/undici.ts";
import { tidyCategory } from "../categories.ts";
import { storedLine } from "../tags.ts";
import type { Categories, Category, CategoryFields } from "../types.ts";
import { notLanraragi } from "./faults.ts";
import type { LanraragiServer, Request } from "./server.ts";

/** A category in LANraragi's answers. */
const WireCategory = Type.Object({
  id: CategoryId,
  name: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  search: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  pinned: Type.Optional(Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
  archives: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
});

const List = Type.Array(WireCategory);

const categoryOf = ({ id, name, search, pinned, archives }: Static<typeof WireCategory>): Category => ({
  id,
  name: storedLine(name ?? ""),
  search: storedLine(search ?? ""),
  pinned: pinned === true || pinned === 1 || pinned === "1",
  // A category may have tankoubons among its archives.
  archives: (archives ?? []).filter((one) => Value.Check(ArchiveId, one)),
});

const formOf = async (fields: Partial<CategoryFields>): Promise<FormData> => {
  const { name, search, pinned } = tidyCategory(fields);
  const { FormData } = await loadUndici();
  const form = new FormData();
  if (name !== undefined) form.append("name", name);
  if (search !== undefined) form.append("search", search);
  // An absent field unpins.
  if (pinned) form.append("pinned", "true");
  return form;
};

const idIn = (body: unknown): string | undefined => {
  const { category_id: id } = (body ?? {}) as { category_id?: unknown };
  return typeof id === "string" && id !== "" ? id : undefined;
};

/** The categories of a LANraragi server, through its API. It answers 400 to every change that it refuses. */
export const createRemoteCategories = (
  { json }: Pick<LanraragiServer, "json">,
  getArchive: (id: string) => Promise<unknown>,
): Categories => {
  const call = (request: Request, expected: readonly number[] = [400, 404]) => json(request, expected);

  const list = async (): Promise<Category[]> => {
    const { body } = await json({ method: "GET", path: "categories" });
    if (!Value.Check(List, body)) throw notLanraragi("its list of categories has another shape");
    return body.map(categoryOf).sort((a, b) => (a.id < b.id ? -1 : 1));
  };

  const get = async (id: string): Promise<Category> => {
    if (!Value.Check(CategoryId, id)) throw new HitagiError("CATEGORY_NOT_FOUND", { id });
    const { status, body } = await call({ method: "GET", path: `categories/${id}` });
    if (status !== 200) throw new HitagiError("CATEGORY_NOT_FOUND", { id });
    if (!Value.Check(WireCategory, body)) throw notLanraragi("a category has another shape");
    return categoryOf(body);
  };

  const getStatic = async (id: string): Promise<Category> => {
    const category = await get(id);
    if (category.search !== "") throw new HitagiError("CATEGORY_DYNAMIC", { id });
    return category;
  };

  const bookmark = async (): Promise<string | undefined> =>
    idIn((await json({ method: "GET", path: "categories/bookmark_link" })).body);

  return {
    list,
    get,
    async create(fields) {
      const form = await formOf(fields);
      const { body } = await json({ method: "PUT", path: "categories", body: form, once: true });
      const id = idIn(body);
      if (id === undefined) throw notLanraragi("its answer to a new category names none");
      return id;
    },
    async update(id, fields) {
      const body = await formOf({ ...(await get(id)), ...fields });
      await json({ method: "PUT", path: `categories/${id}`, body });
    },
    async delete(id) {
      await get(id);
      await json({ method: "DELETE", path: `categories/${id}` });
    },
    async add(id, archive) {
      const { archives } = await getStatic(id);
      if (archives.includes(archive)) return false;
      await getArchive(archive);
      await json({ method: "PUT", path: `categories/${id}/${archive}` });
      return true;
    },
    async remove(id, archive) {
      const { archives } = await getStatic(id);
      if (!archives.includes(archive)) return false;
      await json({ method: "DELETE", path: `categories/${id}/${archive}` });
      return true;
    },
    bookmark,
    async linkBookmark(id) {
      const missing = new HitagiError("BOOKMARK_NOT_FOUND", { id });
      if (!Value.Check(CategoryId, id)) throw missing;
      const { status } = await call({ method: "PUT", path: `categories/bookmark_link/${id}` });
      if (status === 404) throw missing;
      if (status === 400) throw new HitagiError("BOOKMARK_DYNAMIC", { id });
    },
    unlinkBookmark: async () =>
      idIn((await json({ method: "DELETE", path: "categories/bookmark_link" })).body),
  };
};
