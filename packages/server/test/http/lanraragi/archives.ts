import { expect } from "vitest";
import { archiveId, done, type Exchange, failed, invalid, text, UNKNOWN_ID, whole } from "./recording.ts";

const metadata = {
  ...{ arcid: "{archive}", title: "A title", tags: "a", summary: "S", filename: "One", extension: "cbz" },
  ...{ isnew: false, pagecount: 2, progress: 0, lastreadtime: 0, size: whole, toc: [] },
};

const upload = (what: string, status: number, more: Partial<Exchange["upload"]> = {}) => ({
  ...{ call: "PUT /archives/upload", what, path: "/archives/upload", status },
  upload: { file: "One.cbz", ...more },
});

/** The calls about archives and the server. */
export const archiveExchanges: Exchange[] = [
  {
    ...{ call: "GET /", what: "the web page, without a key", path: "//", key: null, status: 200 },
    body: expect.stringContaining("<html"),
  },
  {
    ...{ call: "GET /info", what: "without a key", path: "/info", key: null, status: 200 },
    body: {
      ...{
        name: text,
        motd: text,
        version: text,
        version_name: text,
        version_desc: text,
        has_password: true,
      },
      ...{ debug_mode: false, nofun_mode: true, archives_per_page: whole, server_resizes_images: false },
      ...{ server_tracks_progress: false, authenticated_progress: false, total_pages_read: 0 },
      ...{ total_archives: 0, cache_last_cleared: whole, excluded_namespaces: [], restart_required: false },
    },
  },
  { ...{ call: "GET /archives", what: "none", path: "/archives", status: 200 }, body: [] },
  {
    ...upload("one, its fields before the file", 200, {
      fields: { title: "A title", tags: "a", summary: "S", category_id: "", file_checksum: "{checksum}" },
    }),
    body: done("upload", { id: archiveId, filename: "One.cbz", job: null }),
    more: ["filename", "job"],
    keep: { archive: "id" },
  },
  {
    ...upload("the same again", 409),
    body: { ...failed("upload", "already").body, id: "{archive}" },
    more: ["code", "hint"],
  },
  {
    ...upload("another checksum", 417, { fields: { file_checksum: "0".repeat(40) } }),
    ...failed("upload", "SHA-1"),
  },
  { ...upload("another type", 415, { file: "One.exe" }), ...failed("upload", "not a supported archive") },
  {
    ...{ call: "PUT /archives/upload", what: "no file", path: "/archives/upload", form: {}, status: 415 },
    ...failed("upload", "does not accept a body"),
  },
  {
    ...{ call: "GET /archives", what: "all", path: "/archives", status: 200 },
    body: [{ ...metadata, file: "One.cbz", added: whole }],
    more: ["[0].file", "[0].added"],
  },
  {
    ...{ call: "GET /archives/{id}/metadata", what: "one, without a key", key: null, status: 200 },
    ...{ path: "/archives/{archive}/metadata", body: metadata },
  },
  {
    ...{
      call: "GET /archives/{id}/metadata",
      what: "an unknown one",
      path: `/archives/${UNKNOWN_ID}/metadata`,
    },
    status: 404,
    ...failed("get_archive_metadata", "doesn't exist"),
  },
  {
    ...{ call: "GET /archives/{id}/metadata", what: "a malformed id", path: "/archives/12/metadata" },
    ...invalid("get_archive_metadata", ["/path/id", "String does not match ^[0-9a-f]{40}$."]),
  },
  {
    ...{ call: "PUT /archives/{id}/metadata", what: "all of it", status: 200 },
    path: "/archives/{archive}/metadata?title=Other%20%26%20more&tags=b,%20c&summary=",
    body: done("update_metadata", { id: "{archive}", successMessage: text }),
  },
  {
    ...{
      call: "GET /archives/{id}/metadata",
      what: "what was written",
      path: "/archives/{archive}/metadata",
    },
    ...{ status: 200, body: { ...metadata, title: "Other & more", tags: "b, c", summary: "" } },
  },
  {
    ...{
      call: "PUT /archives/{id}/metadata",
      what: "tags alone",
      path: "/archives/{archive}/metadata?tags=a",
    },
    ...{ status: 200, body: done("update_metadata", { id: "{archive}", successMessage: text }) },
  },
  {
    ...{ call: "PUT /archives/{id}/metadata", what: "nothing", path: "/archives/{archive}/metadata" },
    ...invalid("update_metadata", ["/query", text]),
  },
  {
    ...{
      call: "GET /archives/{id}/files",
      what: "the pages",
      path: "/archives/{archive}/files",
      status: 200,
    },
    body: {
      job: 0,
      pages: ["01.jpg", "02.PNG"].map((name) => `./api/archives/{archive}/page?path=pages%2F${name}`),
    },
  },
  {
    ...{ call: "GET /archives/{id}/page", what: "a page", status: 200, body: "first page of recorded" },
    path: "/archives/{archive}/page?path=pages%2F01.jpg",
  },
  {
    ...{ call: "GET /archives/{id}/thumbnail", what: "of pages that are no pictures", status: 404 },
    path: "/archives/{archive}/thumbnail?no_fallback=true",
    ...failed("serve_thumbnail", "no thumbnail"),
  },
  {
    ...{
      call: "GET /archives/{id}/download",
      what: "the file",
      path: "/archives/{archive}/download",
      status: 200,
    },
    body: expect.stringMatching(/^PK/),
  },
  {
    ...{ call: "POST /download_url", what: "nothing", path: "/download_url", form: { catid: "" } },
    ...invalid("download_url", ["/body/url", "Missing property."]),
  },
  {
    ...{
      call: "POST /download_url",
      what: "an address that no plugin takes",
      path: "/download_url",
      status: 400,
    },
    form: { url: "ftp://example.org/a" },
    ...failed("download_url", "No download plugin"),
  },
  {
    ...{ call: "POST /download_url", what: "an address", path: "/download_url", status: 200 },
    form: { url: "http://localhost:9/a.cbz", catid: "" },
    body: done("download_url", { job: whole, url: "http://localhost:9/a.cbz" }),
  },
];

/** The last calls, which delete the archive. */
export const lastExchanges: Exchange[] = [
  {
    ...{ call: "DELETE /archives/{id}", what: "one", path: "/archives/{archive}", status: 200 },
    body: done("delete_archive", { id: "{archive}", filename: "One.cbz" }),
  },
  {
    ...{ call: "DELETE /archives/{id}", what: "one that is gone", path: "/archives/{archive}", status: 404 },
    ...failed("delete_archive", "doesn't exist"),
  },
];
