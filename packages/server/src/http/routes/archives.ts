import path from "node:path";
import { type ArchiveMetadata, api, archiveChange, cleanLine, HitagiError } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Upload } from "../../library/types.ts";
import type { Services } from "../../services.ts";
import type { ArchiveRecord } from "../../store/types.ts";
import { actorOf } from "../request.ts";
import { handle, type RequestInput } from "../route.ts";
import type { ReadFields } from "../uploads.ts";
import { ValidationError, type ValidationIssue } from "../validation.ts";

/** An archive in LANraragi's form. Reading progress and contents have their empty values. */
const metadataOf = (archive: ArchiveRecord): ArchiveMetadata => {
  const { name, ext } = path.posix.parse(filenameOf(archive));
  return {
    arcid: archive.id,
    title: archive.title,
    tags: archive.tags,
    summary: archive.summary,
    filename: name,
    extension: ext.slice(1),
    isnew: false,
    pagecount: archive.pages,
    progress: 0,
    lastreadtime: 0,
    size: archive.size,
    toc: [],
  };
};

const NO_CHANGE: ValidationIssue = {
  path: "/query",
  message: "Missing property: one of title, tags, summary.",
};

/** The name of an archive's file as it is shown, without its folders. On the disk it may have control characters. */
export const filenameOf = (archive: ArchiveRecord): string => cleanLine(path.posix.basename(archive.file));

const definedFields = (fields: Pick<Upload, "title" | "tags" | "summary">) => ({
  ...(fields.title !== undefined && { title: fields.title }),
  ...(fields.tags !== undefined && { tags: fields.tags }),
  ...(fields.summary !== undefined && { summary: fields.summary }),
});

/** Archives on a page. */
const DEFAULT_SIZE = 50;

const NONE: ReadonlySet<string> = new Set();

type ArchiveQuery = RequestInput<"listArchives">["query"];

/** Answers the archives that a query asks for: all of them where it has neither `page` nor `size`. */
const searchOf =
  (library: Services["library"]) =>
  async ({ check, missing: onlyMissing, page, size, ...selection }: ArchiveQuery) => {
    const missing = check || onlyMissing ? await library.missing() : NONE;
    const count = size ?? (page === undefined ? undefined : DEFAULT_SIZE);
    const among = onlyMissing ? missing : undefined;
    const found = await library.select({ ...selection, among }, ((page ?? 1) - 1) * (count ?? 0), count);
    const items = found.items.map(
      (archive): ArchiveMetadata => ({
        ...metadataOf(archive),
        file: cleanLine(archive.file),
        added: archive.added,
        ...(missing.has(archive.id) && { missing: true as const }),
      }),
    );
    return { total: found.total, items };
  };

/** The library's archives. */
export const archiveRoutes = (app: FastifyInstance, { library }: Services): void => {
  const search = searchOf(library);
  handle(app, "listArchives", async ({ query }, { reply }) => {
    const { total, items } = await search(query);
    reply.header("x-total-count", total);
    return items;
  });
  handle(app, "searchArchives", async ({ query: { page = 1, size = DEFAULT_SIZE, ...query } }) => ({
    ...(await search({ ...query, page, size })),
    page,
    size,
  }));
  handle(app, "listLibraryProblems", async () => ({ problems: await library.problems() }));
  handle(app, "getArchiveMetadata", async ({ params }) => metadataOf(await library.get(params.id)));
  handle(app, "deleteArchive", async ({ params }) => {
    const archive = await library.delete(params.id);
    return { id: archive.id, filename: filenameOf(archive) };
  });
};

/** The calls that take their fields from the query or from a form, as LANraragi's do. */
export const archiveFormRoutes = (
  app: FastifyInstance,
  { library, plugins, enqueue }: Services,
  readFields: ReadFields,
): void => {
  handle(app, "putArchiveMetadata", async ({ params, query }, { request }) => {
    const form = await readFields(request, api.putArchiveMetadata.body);
    const change = definedFields({ ...query, ...form });
    if (Object.keys(change).length === 0) throw new ValidationError([NO_CHANGE]);
    const before = await library.get(params.id);
    const after = await library.update(params.id, change);
    request.changeDetails = { change: archiveChange(before, after) };
    return { id: params.id, successMessage: "The metadata was saved." };
  });
  handle(app, "downloadUrl", async ({ query }, { request }) => {
    const { url, catid } = { ...query, ...(await readFields(request, api.downloadUrl.body)) };
    if (url === undefined) throw new ValidationError([{ path: "/body/url", message: "Missing property." }]);
    if (!(await plugins.takesUrl(url))) throw new HitagiError("NO_DOWNLOADER", { url });
    const args = { url, category: catid || undefined };
    return { job: await enqueue.downloadUrl(args, { actor: actorOf(request) }), url };
  });
};
