import { Type } from "typebox";
import { ArchiveId, ArchiveMetadata, ArchiveSort, LibraryProblem, RenamedFile } from "../archives.ts";
import { described } from "../scalars.ts";
import { answer, paged, queuedJob, routes } from "./route.ts";

const id = Type.Object({ id: ArchiveId });
/** Far beyond what any archive has, so that no list has to carry megabytes. */
const texts = {
  title: Type.Optional(Type.String({ maxLength: 4096, description: "The title of the archive." })),
  tags: Type.Optional(Type.String({ maxLength: 262_144, description: "Tags, separated by commas." })),
  summary: Type.Optional(Type.String({ maxLength: 262_144, description: "What the archive is about." })),
};

const checked = {
  check: Type.Optional(
    Type.Boolean({ default: false, description: "Whether to look if each file is there." }),
  ),
};

/** Which archives a list has. */
export const selection = {
  q: Type.Optional(
    Type.String({
      maxLength: 4096,
      description: "Words that are all in the title, the tags or the path, without case.",
    }),
  ),
  ref: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 4096,
      description:
        "What people name an archive by: its id or the beginning of its id, its path, or its file name.",
    }),
  ),
  tag: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 4096,
      description: "Tags that it has all, separated by commas; `artist:` is any tag of that namespace.",
    }),
  ),
  untagged: Type.Optional(
    Type.Boolean({
      description:
        "Those without tags, or those with tags; `date_added`, `timestamp` and `source` do not count.",
    }),
  ),
  folder: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 4096,
      description: "Only those in this folder of the library, or below it, without case.",
    }),
  ),
  missing: Type.Optional(Type.Boolean({ description: "Whether to list only those whose file is missing." })),
};

const sorting = {
  sort: Type.Optional(described("The order; as they were added, where absent.", ArchiveSort)),
  order: Type.Optional(Type.Enum(["asc", "desc"], { description: "The direction; `asc` where absent." })),
};

/** A page without defaults: a list without them has all archives. */
const pageOf = {
  page: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1_000_000_000, description: "The page of the list, from 1." }),
  ),
  size: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, description: "The most archives of a page; 50 where absent." }),
  ),
};
const archiveQuery = Type.Object({ ...checked, ...selection, ...sorting, ...pageOf });

const download = Type.Object({
  url: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 8192,
      description: "The address of the archive, or of its page.",
    }),
  ),
  catid: Type.Optional(
    Type.String({ maxLength: 128, description: "The id of the category that the archive is added to." }),
  ),
});

export const archiveRoutes = routes({
  listArchives: {
    method: "GET",
    path: "/api/archives",
    operation: "list_archives",
    summary:
      "The archives of the library as LANraragi lists them, all or those that are asked for. With `page` or `size`, one page " +
      "of them; the header X-Total-Count has the number of all pages' archives",
    tag: "archives",
    scope: "read",
    query: archiveQuery,
    response: Type.Array(ArchiveMetadata),
  },
  searchArchives: {
    method: "GET",
    path: "/api/library/archives",
    operation: "search_archives",
    summary: "A page of the archives that are asked for, with their total number",
    tag: "archives",
    scope: "read",
    query: archiveQuery,
    response: answer("search_archives", paged(ArchiveMetadata)),
  },
  listLibraryProblems: {
    method: "GET",
    path: "/api/library/problems",
    operation: "list_library_problems",
    summary: "Every file of the library that was not taken in or cannot be read, and why",
    tag: "archives",
    scope: "read",
    response: answer("list_library_problems", { problems: Type.Array(LibraryProblem) }),
  },
  uploadArchive: {
    method: "PUT",
    path: "/api/archives/upload",
    operation: "upload",
    summary:
      "Add an archive and run the enabled metadata plugins on it. The answer waits for them, for 10 seconds at most, unless the " +
      "request has the header `Prefer: respond-async`",
    tag: "archives",
    scope: "use",
    form: "file",
    body: Type.Object({
      ...texts,
      category_id: Type.Optional(
        Type.String({ maxLength: 128, description: "The id of the category that the archive is added to." }),
      ),
      file_checksum: Type.Optional(
        Type.String({ maxLength: 128, description: "SHA-1 of the whole file, in hex." }),
      ),
    }),
    example: { title: "Saturn Apartments 1", tags: "artist:iwaoka hisae, language:english" },
    response: answer("upload", {
      id: ArchiveId,
      /** The name of its file in the library. */
      filename: Type.String(),
      /** Absent if it is stored under the name that was sent. */
      renamed: Type.Optional(RenamedFile),
      /** The job that runs the enabled plugins, or null where none is enabled. */
      job: Type.Union([queuedJob.job, Type.Null()]),
      job_token: queuedJob.job_token,
    }),
  },
  getArchiveMetadata: {
    method: "GET",
    path: "/api/archives/:id/metadata",
    operation: "get_archive_metadata",
    summary: "One archive's metadata",
    tag: "archives",
    open: true,
    params: id,
    response: ArchiveMetadata,
  },
  putArchiveMetadata: {
    method: "PUT",
    path: "/api/archives/:id/metadata",
    operation: "update_metadata",
    summary: "Change an archive's title, tags or summary, at least one; an empty title changes nothing",
    tag: "archives",
    scope: "use",
    form: "any",
    params: id,
    query: Type.Object(texts),
    /** Counts before the query. */
    body: Type.Object(texts),
    example: { title: "Saturn Apartments 1", tags: "artist:iwaoka hisae, language:english" },
    response: answer("update_metadata", { id: ArchiveId, successMessage: Type.String() }),
  },
  downloadArchive: {
    method: "GET",
    path: "/api/archives/:id/download",
    operation: "download_archive",
    summary: "An archive's file, or the part in a Range header",
    tag: "archives",
    scope: "read",
    media: "application/octet-stream",
    params: id,
    response: Type.String(),
  },
  listPages: {
    method: "GET",
    path: "/api/archives/:id/files",
    operation: "get_archive_files",
    summary: "The addresses of an archive's pages, ordered by name",
    tag: "archives",
    scope: "read",
    params: id,
    response: Type.Object({
      /** LANraragi's job that unpacks the archive. Always 0: nothing has to be waited for here. */
      job: Type.Integer(),
      /** Addresses relative to the server's own, as LANraragi writes them. */
      pages: Type.Array(Type.String()),
    }),
  },
  getPage: {
    method: "GET",
    path: "/api/archives/:id/page",
    operation: "get_archive_page",
    summary: "One page of an archive",
    tag: "archives",
    scope: "read",
    media: "application/octet-stream",
    params: id,
    query: Type.Object({
      path: Type.String({
        minLength: 1,
        maxLength: 4096,
        description: "The name of the page in the archive.",
      }),
    }),
    response: Type.String(),
  },
  getThumbnail: {
    method: "GET",
    path: "/api/archives/:id/thumbnail",
    operation: "serve_thumbnail",
    summary:
      "A small picture of an archive's cover or of another page, at most 500 × 1000 pixels. Where none can be made, a placeholder (PNG), " +
      "unless `no_fallback` is given",
    tag: "archives",
    scope: "read",
    media: "image/jpeg",
    params: id,
    query: Type.Object({
      page: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 1_000_000,
          description: "The number of the page, from 1; the cover where absent.",
        }),
      ),
      no_fallback: Type.Optional(
        Type.Boolean({ description: "Whether to fail where no picture can be made of the page." }),
      ),
    }),
    response: Type.String(),
  },
  deleteArchive: {
    method: "DELETE",
    path: "/api/archives/:id",
    operation: "delete_archive",
    summary: "Remove an archive and its file",
    tag: "archives",
    scope: "manage",
    params: id,
    response: answer("delete_archive", { id: ArchiveId, filename: Type.String() }),
  },
  downloadUrl: {
    method: "POST",
    path: "/api/download_url",
    operation: "download_url",
    summary: "Download an archive with the plugin that accepts its address, in a job",
    tag: "archives",
    scope: "use",
    form: "any",
    query: download,
    /** Counts before the query. One of them must have the address. */
    body: download,
    example: { url: "https://example.org/g/1" },
    response: answer("download_url", { ...queuedJob, url: Type.String() }),
  },
});
