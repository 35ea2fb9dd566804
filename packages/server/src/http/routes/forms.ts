import path from "node:path";
import { buffer } from "node:stream/consumers";
import multipart from "@fastify/multipart";
import { api, MAX_ARTIFACT_FILE_BYTES } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Static } from "typebox";
import { whyRenamed } from "../../library/filename.ts";
import type { Upload } from "../../library/types.ts";
import type { Services } from "../../services.ts";
import type { Limits } from "../limits.ts";
import { actorOf } from "../request.ts";
import { disconnectSignal, handle } from "../route.ts";
import { createFieldsReader, createFormReader, lastValues } from "../uploads.ts";
import type { Checks } from "../validation.ts";
import { waitForPlugins } from "../wait-for-plugins.ts";
import { archiveFormRoutes, filenameOf } from "./archives.ts";
import { categoryFormRoutes } from "./categories.ts";
import { pluginFormRoute } from "./plugin-form.ts";
import { withOtherServers } from "./restores.ts";

const MEGABYTE = 1024 * 1024;

/** The fields may follow the file, so they are read only when the library asks for them. */
const uploadOf = (
  file: Pick<Upload, "filename" | "stream">,
  fields: Static<typeof api.uploadArchive.body>,
): Upload => ({
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

/** The operations with a multipart body, registered apart: the parser's hooks cost more than a list response. */
export const formRoutes = async (
  app: FastifyInstance,
  services: Services,
  checks: Checks,
  limits: Limits,
): Promise<void> => {
  const { library, config, enqueue, installer, jobs, restores } = services;
  await app.register(multipart, {
    // The form reader refuses an upload that is too large, and names the limit.
    throwFileSizeLimit: false,
    limits: { fieldSize: limits.bodyBytes, fields: 20, files: 1, parts: 30 },
  });
  const readForm = createFormReader(checks, limits.uploadIdleMs);
  handle(app, "uploadArchive", async (_input, { request, reply }) => {
    const { archive, category, sent } = await readForm(request, {
      fields: api.uploadArchive.body,
      maxBytes: config.maxUpload * MEGABYTE,
      onFile: async (file, fields) => ({
        archive: await library.add(uploadOf(file, fields)),
        category: fields.category_id,
        sent: file.filename,
      }),
    });
    // As in LANraragi, the archive stays where its category does not take it.
    if (category) {
      await library.categories.add(category, archive.id).catch((err: unknown) => {
        request.log.warn(
          { err, archive: archive.id },
          "an uploaded archive could not be added to its category",
        );
      });
    }
    const job = await enqueue.forNewArchive(archive.id, actorOf(request));
    const limit = AbortSignal.timeout(limits.pluginsMs);
    await waitForPlugins(jobs, job, request, AbortSignal.any([disconnectSignal(reply), limit]));
    const filename = filenameOf(archive);
    const renamed = whyRenamed(sent, filename);
    return { id: archive.id, filename, ...(renamed && { renamed }), job };
  });
  handle(app, "sideloadPlugin", async (_input, { request, reply }) => {
    const { namespace, filename, version, from, granted, withheld } = await readForm(request, {
      fields: api.sideloadPlugin.body,
      maxBytes: MAX_ARTIFACT_FILE_BYTES,
      onFile: async ({ filename, stream }, fields) => {
        const bytes = await buffer(stream);
        return installer.sideload(path.win32.basename(filename), bytes, fields.grant, {
          move: fields.move,
          ignoreRequirements: fields.ignoreRequirements,
          signal: disconnectSignal(reply),
        });
      },
    });
    return { namespace, filename, version, from, granted, withheld };
  });
  handle(app, "uploadBackup", (_input, { request }) =>
    withOtherServers(
      readForm(request, {
        fields: api.uploadBackup.body,
        // The free space limits it: a backup may hold a library.
        maxBytes: Number.MAX_SAFE_INTEGER,
        onFile: ({ stream }, fields) => restores.receive(stream, fields),
      }),
      services,
    ),
  );
  pluginFormRoute(app, services, createFieldsReader(checks, limits.uploadIdleMs));
  const readFields = createFieldsReader(checks, limits.uploadIdleMs, lastValues);
  categoryFormRoutes(app, services, readFields);
  archiveFormRoutes(app, services, readFields);
};
