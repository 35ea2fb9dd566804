import { createHash } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { expect, it } from "vitest";
import { cbz } from "../../library/cbz.ts";
import { rar5 } from "../../library/containers/rar.ts";
import { pdf, tar } from "../../library/containers/samples.ts";
import { lookAt, page } from "../../thumbnails/pages.ts";
import type { World } from "../calls.test.ts";
import { bearer, KEY } from "../test-server.ts";

/** An upload's form, with its fields before or after the file. */
export const archiveForm = (
  name: string,
  bytes: Buffer,
  fields: Record<string, string> = {},
  order: "before" | "after" = "before",
): FormData => {
  const form = new FormData();
  const add = () => {
    for (const [field, value] of Object.entries(fields)) form.append(field, value);
  };
  if (order === "before") add();
  form.append("file", new Blob([new Uint8Array(bytes)]), name);
  if (order === "after") add();
  return form;
};

const sha1 = (bytes: Buffer): string => createHash("sha1").update(bytes).digest("hex");

export const archiveCalls = (world: () => World): void => {
  const call: World["server"]["call"] = (id, sent) => world().server.call(id, sent);
  const files = async () => (await readdir(world().server.services.config.library)).sort();

  it.each([
    [
      "a rar",
      "pages.cbr",
      rar5({ "10.jpg": Buffer.from("ten"), "2.jpg": Buffer.from("two"), "x.txt": Buffer.from("x") }),
    ],
    [
      "a tar that is named as a zip",
      "pages.zip",
      tar({ "10.jpg": Buffer.from("ten"), "2.jpg": Buffer.from("two") }),
    ],
  ])("%s has its pages in order", async (_, name, bytes) => {
    const { body } = await call("uploadArchive", { payload: archiveForm(name, bytes) });
    const params = { id: body.id };
    const { pages } = (await call("listPages", { params })).body;
    expect(pages.map((page: string) => new URL(page, "http://x/").searchParams.get("path"))).toEqual([
      "2.jpg",
      "10.jpg",
    ]);
    const page = await world().server.http.inject({ url: pages[0].slice(1), headers: bearer(KEY) });
    expect([page.body, page.headers["content-type"]]).toEqual(["two", "image/jpeg"]);
    await call("deleteArchive", { params });
  });

  it("are searched, sorted and paged, in LANraragi's form and with their number", async () => {
    const ids: string[] = [];
    for (const n of [10, 9, 1]) {
      const payload = archiveForm(`paged ${n}.cbz`, cbz(`paged ${n}`), { tags: `n:${n}, set:paged` });
      ids.push((await call("uploadArchive", { payload })).body.id);
    }
    const query = { q: "PAGED", tag: "set:", sort: "title" };
    const titles = (archives: { title: string }[]) => archives.map(({ title }) => title);
    const all = await call("listArchives", { query });
    expect(titles(all.body as never)).toEqual(["paged 1", "paged 9", "paged 10"]);
    expect(all.body).toMatchObject([{ file: "paged 1.cbz", added: expect.any(Number) }, {}, {}]);
    const second = await call("listArchives", { query: { ...query, order: "desc", page: 2, size: 2 } });
    expect(titles(second.body as never)).toEqual(["paged 1"]);
    const url = "/api/archives?q=paged&page=1&size=1";
    const raw = await world().server.http.inject({ url, headers: bearer(KEY) });
    expect([raw.json().length, raw.headers["x-total-count"]]).toEqual([1, "3"]);
    const page = await call("searchArchives", { query: { ref: ids[1]?.slice(0, 12) } });
    expect(page.body).toMatchObject({ total: 1, page: 1, size: 50, items: [{ arcid: ids[1] }] });
    expect((await call("listArchives", { query: { sort: "colour" } })).status).toBe(400);
    for (const id of ids) await call("deleteArchive", { params: { id } });
  });

  it("a PDF has its pages as images", async () => {
    const { body } = await call("uploadArchive", {
      payload: archiveForm("book.pdf", pdf("#ff0000", "#00ff00")),
    });
    const params = { id: body.id };
    expect((await call("getArchiveMetadata", { params })).body).toMatchObject({
      pagecount: 2,
      extension: "pdf",
    });
    const { pages } = (await call("listPages", { params })).body;
    const page = await world().server.http.inject({ url: pages[1].slice(1), headers: bearer(KEY) });
    expect(page.headers["content-type"]).toBe("image/jpeg");
    expect(page.rawPayload.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
    await call("deleteArchive", { params });
  });

  it("that were not taken in are listed with the reason", async () => {
    const { body } = await call("listLibraryProblems");
    expect(body.problems).toEqual([]);
  });

  it.each([
    ["???.cbz", "archive.cbz"],
    [".cbz", "archive.cbz"],
    ['the "best".cbz', "the best.cbz"],
    ["two\nlines.cbz", "twolines.cbz"],
    ["AC\\DC.cbz", "AC_DC.cbz"],
    ["C:\\comics\\one.cbz", "one.cbz"],
    ["a.tar.gz.cbz", "a.tar.gz.cbz"],
  ])("are uploaded as %j and stored as %s", async (name, stored) => {
    const { status, body } = await call("uploadArchive", { payload: archiveForm(name, cbz(`name ${name}`)) });
    expect([status, body.filename]).toEqual([200, stored]);
    const from = name.split("comics\\").at(-1);
    expect(body.renamed?.from).toBe(from === stored ? undefined : from);
    await call("deleteArchive", { params: { id: body.id } });
  });

  it("say under which name they are stored, and why, or by which name they are refused", async () => {
    const send = async (name: string, seed: string) =>
      (await call("uploadArchive", { payload: archiveForm(name, cbz(seed)) })).body;
    const plain = await send("named.cbz", "named 1");
    const again = await send("named.cbz", "named 2");
    expect(plain).not.toHaveProperty("renamed");
    expect(again).toMatchObject({
      filename: "named (2).cbz",
      renamed: { from: "named.cbz", code: "taken", text: "the library has a file of that name" },
    });
    expect((await send("na:med.cbz", "named 3")).renamed).toMatchObject({
      from: "na:med.cbz",
      code: "unsafe",
    });
    expect(await send("???", "named 4")).toMatchObject({
      code: "ARCHIVE_TYPE_UNSUPPORTED",
      error: expect.stringMatching(/^\?\?\? is not a supported archive/),
    });
    for (const seed of [1, 2, 3]) await call("deleteArchive", { params: { id: sha1(cbz(`named ${seed}`)) } });
  });

  it.each(["before", "after"] as const)(
    "are uploaded with their fields %s the file, read, changed and removed",
    async (order) => {
      const bytes = cbz(`fields ${order}`);
      const fields = { title: "Ein Titel", tags: "a, b", summary: "S", file_checksum: sha1(bytes) };
      const { status, body } = await call("uploadArchive", {
        payload: archiveForm("Käse & Brot.cbz", bytes, fields, order),
      });
      expect(status).toBe(200);
      expect(body).toMatchObject({ id: sha1(bytes), filename: "Käse & Brot.cbz", job: null });
      const params = { id: body.id };
      expect((await call("getArchiveMetadata", { params })).body).toMatchObject({
        arcid: body.id,
        title: "Ein Titel",
        tags: expect.stringMatching(/^a, ?b$/),
        summary: "S",
        filename: "Käse & Brot",
        extension: "cbz",
        pagecount: 2,
        size: bytes.length,
      });
      await call("putArchiveMetadata", { params, query: { title: "Another", tags: "" } });
      const { body: changed } = await call("getArchiveMetadata", { params });
      expect(changed).toMatchObject({ title: "Another", tags: "", summary: "S" });
      expect((await call("listArchives")).body.map((a: { arcid: string }) => a.arcid)).toContain(body.id);
      expect((await call("deleteArchive", { params })).body.filename).toBe("Käse & Brot.cbz");
      expect((await call("getArchiveMetadata", { params })).body.code).toBe("ARCHIVE_NOT_FOUND");
    },
  );

  it("need at least one of the three texts to change", async () => {
    const { body } = await call("uploadArchive", { payload: archiveForm("texts.cbz", cbz("texts")) });
    const params = { id: body.id };
    for (const query of [{}, { foo: 1 }]) {
      const refused = await call("putArchiveMetadata", { params, query });
      expect([refused.status, refused.body.errors?.[0].path]).toEqual([400, "/query"]);
    }
    await call("putArchiveMetadata", { params, query: { tags: "a:b,, c ,a:b", title: "", key: "x" } });
    const { body: archive } = await call("getArchiveMetadata", { params });
    expect(archive).toMatchObject({ tags: "a:b, c", title: "texts" });
    await call("deleteArchive", { params });
  });

  it.each([
    ["without a boundary", "multipart/form-data", "--x\r\n\r\n--x--"],
    ["that is something else", "multipart/form-data; boundary=x", "no form at all"],
    [
      "that breaks off",
      "multipart/form-data; boundary=x",
      '--x\r\nContent-Disposition: form-data; name="file"',
    ],
    [
      "whose file is cut off",
      "multipart/form-data; boundary=x",
      '--x\r\nContent-Disposition: form-data; name="file"; filename="a.cbz"\r\n\r\nPK',
    ],
  ])("are refused for a form %s", async (_what, type, payload) => {
    for (const id of ["uploadArchive", "sideloadPlugin", "savePluginForm"] as const) {
      const { status, body } = await call(id, { payload, headers: { "content-type": type } });
      expect([status, body.code, body.errors], id).toEqual([
        400,
        "VALIDATION_FAILED",
        [{ path: "/body", message: "Not a valid multipart form." }],
      ]);
    }
  });

  it("leave nothing when they are refused", async () => {
    const before = await files();
    const bytes = cbz("refused");
    const upload = async (payload: FormData) => {
      const { status, body } = await call("uploadArchive", { payload });
      return [status, body.code];
    };
    const wrong = { file_checksum: "0".repeat(40) };
    expect(await upload(archiveForm("a.cbz", bytes, wrong, "before"))).toEqual([417, "ARCHIVE_CHECKSUM"]);
    expect(await upload(archiveForm("a.cbz", bytes, wrong, "after"))).toEqual([417, "ARCHIVE_CHECKSUM"]);
    expect(await upload(archiveForm("a.exe", bytes))).toEqual([415, "ARCHIVE_TYPE_UNSUPPORTED"]);
    expect(await upload(archiveForm("a.cbz", Buffer.from("no zip")))).toEqual([422, "ARCHIVE_BROKEN"]);
    expect(await upload(archiveForm("a.cbz", bytes, { __proto: "x" }))).toEqual([200, undefined]);
    const again = await call("uploadArchive", { payload: archiveForm("b.cbz", bytes) });
    expect([again.status, again.body.code, again.body.id]).toEqual([409, "ARCHIVE_EXISTS", sha1(bytes)]);
    await call("deleteArchive", { params: { id: sha1(bytes) } });
    expect(await files()).toEqual(before);
  });

  it("are sent whole, in ranges and by page", async () => {
    const bytes = cbz("handed", {
      "pages/10.jpg": Buffer.from("tenth"),
      "pages/3.jpg": Buffer.from("third"),
    });
    const { body } = await call("uploadArchive", { payload: archiveForm("Süß 題.cbz", bytes) });
    const params = { id: body.id };
    const whole = await call("downloadArchive", { params });
    expect(whole.headers).toMatchObject({
      "content-length": String(bytes.length),
      "accept-ranges": "bytes",
      "content-disposition": `attachment; filename="Süß ?.cbz"; filename*=UTF-8''S%C3%BC%C3%9F%20%E9%A1%8C.cbz`,
    });
    const { http } = world().server;
    const url = `/api/archives/${body.id}/download`;
    const part = (headers: Record<string, string>) =>
      http.inject({ url, headers: { ...bearer(KEY), ...headers } });
    const some = await part({ range: "bytes=10-19" });
    expect([some.statusCode, some.headers["content-range"]]).toEqual([206, `bytes 10-19/${bytes.length}`]);
    expect(some.rawPayload).toEqual(bytes.subarray(10, 20));
    expect((await part({})).rawPayload).toEqual(bytes);
    expect((await part({ "if-none-match": String(whole.headers.etag) })).statusCode).toBe(304);
    const beyond = await call("downloadArchive", { params, headers: { range: "bytes=9999999-" } });
    expect([beyond.status, beyond.body.code]).toEqual([416, "RANGE_INVALID"]);
    const other = await call("downloadArchive", { params, headers: { "if-match": '"x"' } });
    expect([other.status, other.body.code]).toEqual([412, "FILE_CHANGED"]);

    const { pages, job } = (await call("listPages", { params })).body;
    const names = ["pages/01.jpg", "pages/02.PNG", "pages/3.jpg", "pages/10.jpg"];
    expect(job).toBe(0);
    expect(pages).toEqual(
      names.map((name) => `./api/archives/${body.id}/page?path=${encodeURIComponent(name)}`),
    );
    const page = await call("getPage", { params, query: { path: "pages/10.jpg" } });
    expect([page.text, page.headers["content-type"]]).toEqual(["tenth", "image/jpeg"]);
    const info = await call("getPage", { params, query: { path: "ComicInfo.xml" } });
    expect(info.headers["content-type"]).toBe("application/octet-stream");
    expect((await call("getPage", { params, query: { path: "../x" } })).body.code).toBe("ENTRY_NOT_FOUND");
    await rm(await world().server.services.library.localFile(body.id));
    expect((await call("downloadArchive", { params })).body.code).toBe("ARCHIVE_BROKEN");
    await call("deleteArchive", { params });
    for (const id of ["downloadArchive", "listPages"] as const) {
      expect((await call(id, { params })).body.code).toBe("ARCHIVE_NOT_FOUND");
    }
  });

  it("have thumbnails, or a quiet placeholder", async () => {
    const bytes = cbz("covered", {
      "0.jpg": await page("red"),
      "9.jpg": Buffer.from("<script>alert(1)</script>"),
    });
    const { body } = await call("uploadArchive", { payload: archiveForm("covered.cbz", bytes) });
    const url = `/api/archives/${body.id}/thumbnail`;
    const ask = (query = "", headers: Record<string, string> = {}) =>
      world().server.http.inject({ url: url + query, headers: { ...bearer(KEY), ...headers } });
    const cover = await ask();
    expect(cover.statusCode).toBe(200);
    expect(cover.headers).toMatchObject({
      "content-type": "image/jpeg",
      "cache-control": "private, max-age=3600",
      "x-content-type-options": "nosniff",
    });
    expect(await lookAt(cover.rawPayload)).toMatchObject({ format: "jpeg", width: 500, color: "red" });
    for (const query of ["?page=0", "?page=1", "?page=1&no_fallback=true"])
      expect((await ask(query)).rawPayload).toEqual(cover.rawPayload);
    expect((await ask("", { "if-none-match": String(cover.headers.etag) })).statusCode).toBe(304);
    for (const query of ["?page=2", "?page=99"]) {
      const none = await ask(query);
      expect([none.statusCode, none.headers["content-type"]]).toEqual([200, "image/png"]);
      expect(none.headers["cache-control"]).toBe("private, max-age=60");
      expect((await lookAt(none.rawPayload)).format).toBe("png");
    }
    const params = { id: body.id };
    const failed = await call("getThumbnail", { params, query: { page: 99, no_fallback: true } });
    expect([failed.status, failed.body.code, failed.body.error]).toEqual([
      404,
      "THUMBNAIL_UNAVAILABLE",
      "There is no thumbnail of page 99: it has no such page.",
    ]);
    await call("getThumbnail", { params });
    await call("deleteArchive", { params });
    expect((await call("getThumbnail", { params })).body.code).toBe("ARCHIVE_NOT_FOUND");
  });

  it("have pages with control characters in their names, which are sent", async () => {
    const bytes = cbz("control", { "pages/0\u0001\n\u202e.jpg": Buffer.from("odd name") });
    const { body } = await call("uploadArchive", { payload: archiveForm("control.cbz", bytes) });
    const { pages } = (await call("listPages", { params: { id: body.id } })).body;
    const { http } = world().server;
    const texts = await Promise.all(
      pages.map(
        async (page: string) => (await http.inject({ url: page.slice(1), headers: bearer(KEY) })).body,
      ),
    );
    expect(texts).toEqual(["odd name", "first page of control", "second page of control"]);
    await call("deleteArchive", { params: { id: body.id } });
  });

  it("are processed by the enabled plugins when they are new", async () => {
    const params = { namespace: "tagger" };
    await call("configurePlugin", { params, body: { enabled: true } });
    const { body } = await call("uploadArchive", { payload: archiveForm("new.cbz", cbz("new")) });
    const job = await world().server.ended(body.job);
    expect(job).toMatchObject({ task: "run_enabled_plugins", args: [body.id] });
    expect(job.result.data.plugins).toEqual([{ namespace: "tagger", error: null }]);
    const { body: archive } = await call("getArchiveMetadata", { params: { id: body.id } });
    expect(archive.tags).toContain("tagged:yes");
    await call("configurePlugin", { params, body: { enabled: false } });
  });

  it("are downloaded by a plugin, or refused when no plugin accepts the address", async () => {
    const form = (url: string) => ({
      payload: new URLSearchParams({ url, catid: "" }).toString(),
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    const none = await call("downloadUrl", form("ftp://example.org/a"));
    expect([none.status, none.body.code]).toEqual([400, "NO_DOWNLOADER"]);
    // The archive would have to come from another machine: this machine is refused as private.
    const queued = await call("downloadUrl", form("http://localhost:9/a.cbz"));
    expect(queued.status, JSON.stringify(queued.body)).toBe(200);
    const job = await world().server.ended(queued.body.job);
    expect(job).toMatchObject({ task: "download_url", args: ["http://localhost:9/a.cbz"] });
    expect(job.result.success).toBe(0);
  });
};
