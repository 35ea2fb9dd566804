import { api, type CategoryMetadata } from "@hitagi/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Static } from "typebox";
import type { Category } from "../../library/types.ts";
import type { Services } from "../../services.ts";
import { handle } from "../route.ts";
import type { ReadFields } from "../uploads.ts";
import { ValidationError } from "../validation.ts";

const metadataOf = ({ pinned, ...category }: Category): CategoryMetadata => ({
  ...category,
  pinned: pinned ? 1 : 0,
});

/** The categories of the library, with LANraragi's messages. */
export const categoryRoutes = (app: FastifyInstance, { library: { categories, get } }: Services): void => {
  handle(app, "listCategories", async () => (await categories.list()).map(metadataOf));
  handle(app, "getCategory", async ({ params }) => metadataOf(await categories.get(params.id)));
  handle(app, "deleteCategory", async ({ params }) => {
    await categories.delete(params.id);
    return { successMessage: "" };
  });
  handle(app, "addToCategory", async ({ params: { id, archive } }) => {
    await categories.add(id, archive);
    const [{ name }, { title }] = [await categories.get(id), await get(archive)];
    return { successMessage: `Added "${title}" to category "${name}"!` };
  });
  handle(app, "removeFromCategory", async ({ params: { id, archive } }) => {
    await categories.remove(id, archive);
    return { successMessage: `Removed ${archive} from Category ${id}!` };
  });
  handle(app, "getArchiveCategories", async ({ params: { id } }) => {
    const all = await categories.list();
    return { categories: all.filter(({ archives }) => archives.includes(id)).map(metadataOf) };
  });
  handle(app, "getBookmarkLink", async () => ({ category_id: (await categories.bookmark()) ?? "" }));
  handle(app, "removeBookmarkLink", async () => ({
    category_id: (await categories.unlinkBookmark()) ?? "",
  }));
  handle(app, "updateBookmarkLink", async ({ params: { id } }) => {
    await categories.linkBookmark(id);
    return { category_id: id };
  });
};

type Fields = Static<typeof api.createCategory.body>;

/** The calls that take their fields from the query or from a form. */
export const categoryFormRoutes = (
  app: FastifyInstance,
  { library: { categories } }: Services,
  readFields: ReadFields,
): void => {
  const fieldsOf = async (request: FastifyRequest, query: Fields) => {
    const form = await readFields(request, api.createCategory.body);
    const { name = "", search = "", pinned = "" } = { ...query, ...form };
    const isPinned = !["", "0", "false"].includes(pinned.trim());
    return { name: name.trim(), search: search.trim(), pinned: isPinned };
  };
  handle(app, "createCategory", async ({ query }, { request }) => {
    const fields = await fieldsOf(request, query);
    if (fields.name === "") {
      throw new ValidationError([{ path: "/body/name", message: "Category name not specified." }]);
    }
    return { category_id: await categories.create(fields) };
  });
  handle(app, "updateCategory", async ({ params: { id }, query }, { request }) => {
    const { name, search, pinned } = await fieldsOf(request, query);
    await categories.update(id, { ...(name && { name }), ...(search && { search }), pinned });
    return { category_id: id };
  });
};
