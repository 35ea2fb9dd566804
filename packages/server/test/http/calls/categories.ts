import { expect, it } from "vitest";
import { cbz } from "../../library/cbz.ts";
import type { World } from "../calls.test.ts";
import { bearer, KEY } from "../test-server.ts";
import { archiveForm } from "./archives.ts";

export const categoryCalls = (world: () => World): void => {
  const call: World["server"]["call"] = (id, sent) => world().server.call(id, sent);
  const create = async (query: Record<string, string>): Promise<string> =>
    (await call("createCategory", { query })).body.category_id;

  it("are made, filled, changed and removed, with LANraragi's answers", async () => {
    const id = await create({ name: "棚", pinned: "true" });
    const upload = { payload: archiveForm("Shelved.cbz", cbz("shelved"), { category_id: id }) };
    const { body: first } = await call("uploadArchive", upload);
    const { body: second } = await call("uploadArchive", {
      payload: archiveForm("Second.cbz", cbz("second"), { title: "Two" }),
    });
    const add = await call("addToCategory", { params: { id, archive: second.id } });
    expect(add.body).toMatchObject({
      operation: "add_to_category",
      success: 1,
      successMessage: 'Added "Two" to category "棚"!',
    });
    const category = { id, name: "棚", search: "", pinned: 1, archives: [first.id, second.id] };
    expect((await call("getCategory", { params: { id } })).body).toEqual(category);
    expect((await call("listCategories")).body).toEqual([category]);
    const of = await call("getArchiveCategories", { params: { id: first.id } });
    expect(of.body).toMatchObject({ operation: "find_arc_categories", categories: [category] });
    await call("removeFromCategory", { params: { id, archive: first.id } });
    expect((await call("updateCategory", { params: { id }, query: { name: "New" } })).body).toMatchObject({
      category_id: id,
    });
    expect((await call("getCategory", { params: { id } })).body).toEqual({
      ...category,
      name: "New",
      pinned: 0,
      archives: [second.id],
    });
    expect((await call("deleteCategory", { params: { id } })).status).toBe(200);
    const gone = await call("getCategory", { params: { id } });
    expect(gone).toMatchObject({ status: 400, body: { error: "The given category does not exist." } });
    for (const params of [first, second]) await call("deleteArchive", { params: { id: params.id } });
  });

  it("take their fields from an urlencoded or a multipart form too, of a repeated one the last value", async () => {
    for (const payload of [new URLSearchParams(), new FormData()]) {
      payload.append("name", "first");
      payload.append("name", "last");
      payload.append("search", "artist:a");
      const request = new Request("http://x", { method: "PUT", body: payload });
      const { body } = await call("createCategory", {
        payload: Buffer.from(await request.arrayBuffer()),
        headers: { ...bearer(KEY), "content-type": request.headers.get("content-type") ?? "" },
      });
      const params = { id: body.category_id };
      expect((await call("getCategory", { params })).body).toMatchObject({
        name: "last",
        search: "artist:a",
        archives: [],
      });
      await call("deleteCategory", { params });
    }
    expect((await call("createCategory", { query: { name: "" } })).status).toBe(400);
  });

  it("one is linked to the bookmark button", async () => {
    expect((await call("getBookmarkLink")).body.category_id).toBe("");
    const id = await create({ name: "marked" });
    await call("updateBookmarkLink", { params: { id } });
    expect((await call("getBookmarkLink")).body.category_id).toBe(id);
    expect((await call("removeBookmarkLink")).body.category_id).toBe(id);
    const missing = await call("updateBookmarkLink", { params: { id: "SET_0000000000" } });
    expect(missing).toMatchObject({ status: 404, body: { code: "BOOKMARK_NOT_FOUND" } });
    await call("deleteCategory", { params: { id } });
  });
};
