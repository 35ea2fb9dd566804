import path from "node:path";
import { type ArchiveMetadata, api, HitagiError } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Static } from "typebox";
import { enqueueEnabled, taskNames } from "../jobs/tasks.ts";
import type { Upload } from "../library/types.ts";
import type { Services } from "../services.ts";
import type { ArchiveRecord } from "../store/types.ts";
import { handle } from "./route.ts";
import type { ReadForm } from "./uploads.ts";

type Fields = Static<typeof api.uploadArchive.body>;

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

/** An upload whose fields may come after its file: they are looked up when the library asks for them. */
const uploadOf = (file: Pick<Upload, "filename" | "stream">, fields: Fields): Upload => ({
  ...file,
  get title() {
    return fields.title;
  },
  get tags() {
    return fields.tags;
  },
  get summary() {
    return fields.summary;
  },
  get checksum() {
    return fields.file_checksum || undefined;
  },
});

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
    const archive = await readForm(request, {
      fields: api.uploadArchive.body,
      maxBytes: config.maxUpload * MEGABYTE,
      take: (file, fields) => library.add(uploadOf(file, fields)),
    });
    return { id: archive.id, filename: filenameOf(archive), job: await enqueueEnabled(services, archive.id) };
  });

  handle(app, "downloadUrl", async ({ body: { url } }) => {
    if (!plugins.takesUrl(url)) throw new HitagiError("NO_DOWNLOADER", { url });
    return { job: await jobs.enqueue(taskNames.download, [url]), url };
  });
};
