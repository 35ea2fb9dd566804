import { Type } from "typebox";
import { ArchiveId } from "../archives.ts";
import { CategoryId, CategoryMetadata } from "../categories.ts";
import { answer, routes } from "./route.ts";

const id = Type.Object({ id: CategoryId });
const member = Type.Object({ id: CategoryId, archive: ArchiveId });

const text = (description: string) => Type.Optional(Type.String({ maxLength: 4096, description }));
/** Taken from the query or from a form, which counts first. */
const fields = Type.Object({
  name: text("The name of the category."),
  search: text("The search of a dynamic category; a static one has none."),
  pinned: text("`true` or `1` if readers show it first."),
});

/** The id of the category that is linked to the bookmark button, or an empty text. */
const linked = Type.Union([CategoryId, Type.Literal("")]);

export const categoryRoutes = routes({
  listCategories: {
    method: "GET",
    path: "/api/categories",
    operation: "get_category_list",
    summary: "All categories of the library",
    tag: "categories",
    scope: "read",
    response: Type.Array(CategoryMetadata),
  },
  createCategory: {
    method: "PUT",
    path: "/api/categories",
    operation: "create_category",
    summary: "Add a category: a static one, or with a `search` a dynamic one",
    tag: "categories",
    scope: "use",
    form: "any",
    query: fields,
    body: fields,
    example: { name: "To read", pinned: "true" },
    response: answer("create_category", { category_id: CategoryId }),
  },
  getBookmarkLink: {
    method: "GET",
    path: "/api/categories/bookmark_link",
    operation: "get_bookmark_link",
    summary: "The category that is linked to the bookmark button of readers",
    tag: "categories",
    scope: "read",
    response: answer("get_bookmark_link", { category_id: linked }),
  },
  removeBookmarkLink: {
    method: "DELETE",
    path: "/api/categories/bookmark_link",
    operation: "remove_bookmark_link",
    summary: "Unlink the bookmark button; answers the category that was linked",
    tag: "categories",
    scope: "use",
    response: answer("remove_bookmark_link", { category_id: linked }),
  },
  updateBookmarkLink: {
    method: "PUT",
    path: "/api/categories/bookmark_link/:id",
    operation: "update_bookmark_link",
    summary: "Link the bookmark button to a static category",
    tag: "categories",
    scope: "use",
    params: id,
    response: answer("update_bookmark_link", { category_id: CategoryId }),
  },
  getCategory: {
    method: "GET",
    path: "/api/categories/:id",
    operation: "get_category",
    summary: "One category",
    tag: "categories",
    scope: "read",
    params: id,
    response: CategoryMetadata,
  },
  updateCategory: {
    method: "PUT",
    path: "/api/categories/:id",
    operation: "update_category",
    summary: "Change a category's name or search; without `pinned` it is unpinned",
    tag: "categories",
    scope: "use",
    form: "any",
    params: id,
    query: fields,
    body: fields,
    example: { name: "Read", pinned: "true" },
    response: answer("update_category", { category_id: CategoryId }),
  },
  deleteCategory: {
    method: "DELETE",
    path: "/api/categories/:id",
    operation: "delete_category",
    summary: "Remove a category; its archives stay",
    tag: "categories",
    scope: "use",
    params: id,
    response: answer("delete_category", { successMessage: Type.String() }),
  },
  addToCategory: {
    method: "PUT",
    path: "/api/categories/:id/:archive",
    operation: "add_to_category",
    summary: "Add an archive to a static category",
    tag: "categories",
    scope: "use",
    params: member,
    response: answer("add_to_category", { successMessage: Type.String() }),
  },
  removeFromCategory: {
    method: "DELETE",
    path: "/api/categories/:id/:archive",
    operation: "remove_from_category",
    summary: "Take an archive out of a static category",
    tag: "categories",
    scope: "use",
    params: member,
    response: answer("remove_from_category", { successMessage: Type.String() }),
  },
  getArchiveCategories: {
    method: "GET",
    path: "/api/archives/:id/categories",
    operation: "find_arc_categories",
    summary: "The static categories of an archive",
    tag: "categories",
    scope: "read",
    params: Type.Object({ id: ArchiveId }),
    response: answer("find_arc_categories", { categories: Type.Array(CategoryMetadata) }),
  },
});
