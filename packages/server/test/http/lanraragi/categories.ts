import { expect } from "vitest";
import { done, type Exchange, failed, invalid, text } from "./recording.ts";

const categoryId = expect.stringMatching(/^SET_\d{10}$/);
const category = { id: "{category}", name: "Shelf", search: "", pinned: 1, archives: ["{archive}"] };
const one = { path: "/categories/{category}", status: 200 };
const member = { path: "/categories/{category}/{archive}", status: 200 };
const link = { path: "/categories/bookmark_link", status: 200 };

/** The calls about categories. They come while the archive is there. */
export const categoryExchanges: Exchange[] = [
  { ...{ call: "GET /categories", what: "none", path: "/categories", status: 200 }, body: [] },
  {
    ...{ call: "PUT /categories", what: "a form", path: "/categories", status: 200 },
    form: { name: "Shelf", search: "", pinned: "true" },
    body: done("create_category", { category_id: categoryId }),
    keep: { category: "category_id" },
  },
  {
    ...{ call: "PUT /categories", what: "without a name", path: "/categories", form: { search: "a" } },
    ...invalid("create_category", ["/body/name", "Category name not specified."]),
  },
  {
    ...{ call: "PUT /categories/{id}/{archive}", what: "an archive", ...member },
    body: done("add_to_category", { successMessage: text }),
  },
  { ...{ call: "GET /categories/{id}", what: "one", ...one }, body: category },
  { ...{ call: "GET /categories", what: "one", path: "/categories", status: 200 }, body: [category] },
  {
    ...{ call: "GET /archives/{id}/categories", what: "those of one" },
    ...{ path: "/archives/{archive}/categories", status: 200 },
    body: done("find_arc_categories", { categories: [category] }),
  },
  {
    ...{ call: "PUT /categories/bookmark_link/{id}", what: "one", status: 200 },
    path: "/categories/bookmark_link/{category}",
    body: done("update_bookmark_link", { category_id: "{category}" }),
  },
  {
    ...{ call: "GET /categories/bookmark_link", what: "one", ...link },
    body: done("get_bookmark_link", { category_id: "{category}" }),
  },
  {
    ...{ call: "DELETE /categories/bookmark_link", what: "one", ...link },
    body: done("remove_bookmark_link", { category_id: "{category}" }),
  },
  {
    ...{ call: "DELETE /categories/{id}/{archive}", what: "an archive", ...member },
    body: done("remove_from_category", { successMessage: text }),
  },
  {
    ...{ call: "PUT /categories/{id}", what: "another search", ...one },
    form: { search: "artist:a" },
    body: done("update_category", { category_id: "{category}" }),
  },
  {
    ...{ call: "PUT /categories/{id}/{archive}", what: "an archive for a dynamic category", ...member },
    ...{ status: 400, ...failed("add_to_category", "favorite search") },
  },
  {
    ...{ call: "DELETE /categories/{id}", what: "one", ...one },
    body: done("delete_category", { successMessage: text }),
  },
  {
    ...{ call: "GET /categories/{id}", what: "one that is gone", ...one, status: 400 },
    ...failed("get_category", "does not exist"),
  },
];
