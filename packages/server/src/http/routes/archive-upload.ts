import { api } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Static } from "typebox";
import type { Upload } from "../../library/types.ts";
import type { Services } from "../../services.ts";
import { actorOf } from "../request.ts";
import { handle } from "../route.ts";
import type { ReadForm } from "../uploads.ts";
import { filenameOf } from "./archives.ts";

type Fields = Static<typeof api.uploadArchive.body>;

const MEGABYTE = 1024 * 1024;

/** The fields may follow the file, so they are read only when the library asks for them. */
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

/** Uploads of archives. */
export const archiveUploadRoute = (app: FastifyInstance, services: Services, readForm: ReadForm): void => {
  const { library, config, enqueue } = services;
  handle(app, "uploadArchive", async (_input, { request }) => {
    const archive = await readForm(request, {
      fields: api.uploadArchive.body,
      maxBytes: config.maxUpload * MEGABYTE,
      onFile: (file, fields) => library.add(uploadOf(file, fields)),
    });
    const job = await enqueue.forNewArchive(archive.id, actorOf(request));
    return { id: archive.id, filename: filenameOf(archive), job };
  });
};
