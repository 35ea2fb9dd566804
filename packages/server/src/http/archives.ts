import path from "node:path";
import { type ArchiveMetadata, api, HitagiError } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import { enqueueEnabled, taskNames } from "../jobs/tasks.ts";
import type { Upload } from "../library/types.ts";
import type { Services } from "../services.ts";
import type { ArchiveRecord } from "../store/types.ts";
import { handle } from "./route.ts";
import type { ReadForm } from "./uploads.ts";

const MEGABYTE = 1024 * 1024;

/** An archive in LANraragi's form. What only a reader would know (progress, contents) has its empty value. */
const metadataOf = (archive: ArchiveRecord): ArchiveMetadata => {
  const { name, ext } = path.posix.parse(archive.file);
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

const filenameOf = (archive: ArchiveRecord): string => path.posix.basename(archive.file);

const given = (fields: Pick<Upload, "title" | "tags" | "summary">) => ({
  ...(fields.title !== undefined && { title: fields.title }),
  ...(fields.tags !== undefined && { tags: fields.tags }),
  ...(fields.summary !== undefined && { summary: fields.summary }),
});

/** @throws HitagiError ARCHIVE_CHECKSUM */
const checkSum = (fields: { file_checksum?: string }, sha1: string): void => {
  const expected = fields.file_checksum;
  if (expected && expected.toLowerCase() !== sha1) throw new HitagiError("ARCHIVE_CHECKSUM", { expected });
};

/** The library's archives, as far as plugins need them. */
export const archiveRoutes = (app: FastifyInstance, services: Services, readForm: ReadForm): void => {
  const { library, plugins, jobs, config } = services;
  handle(app, "listArchives", async () => (await library.list()).map(metadataOf));
  handle(app, "getArchiveMetadata", async ({ params }) => metadataOf(await library.get(params.id)));
  handle(app, "putArchiveMetadata", async ({ params, query }) => {
    await library.update(params.id, given(query));
    return { id: params.id, successMessage: "The metadata was saved." };
  });
  handle(app, "deleteArchive", async ({ params }) => {
    const archive = await library.delete(params.id);
    return { id: archive.id, filename: filenameOf(archive) };
  });

  handle(app, "uploadArchive", async (_given, { request }) => {
    const { value, fields } = await readForm(request, {
      fields: api.uploadArchive.body,
      maxBytes: config.maxUpload * MEGABYTE,
      take: (file, before) => library.add({ ...file, ...given(before) }),
      check: checkSum,
    });
    // Fields that came after the file were not known when it was added.
    const archive = await library.update(value.id, given(fields));
    return { id: archive.id, filename: filenameOf(archive), job: await enqueueEnabled(services, archive.id) };
  });

  handle(app, "downloadUrl", async ({ body: { url } }) => {
    if (!plugins.takesUrl(url)) throw new HitagiError("NO_DOWNLOADER", { url });
    return { job: await jobs.enqueue(taskNames.download, [url]), url };
  });
};
