import { buffer } from "node:stream/consumers";
import { api, MAX_ARTIFACT_BYTES } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Services } from "../../services.ts";
import { disconnectSignal, handle } from "../route.ts";
import type { ReadForm } from "../uploads.ts";

/** Uploads of plugins. */
export const sideloadRoute = (app: FastifyInstance, { installer }: Services, readForm: ReadForm): void =>
  handle(app, "sideloadPlugin", async (_input, { request, reply }) => {
    const { namespace, version, granted, withheld } = await readForm(request, {
      fields: api.sideloadPlugin.body,
      maxBytes: MAX_ARTIFACT_BYTES,
      onFile: async ({ filename, stream }, fields) => {
        const bytes = await buffer(stream);
        return installer.sideload(filename, bytes, fields.grant, { signal: disconnectSignal(reply) });
      },
    });
    return { namespace, version, granted, withheld };
  });
