import { buffer } from "node:stream/consumers";
import { api, MAX_ARTIFACT_BYTES } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Services } from "../../services.ts";
import { goneSignal, handle } from "../route.ts";
import type { ReadForm } from "../uploads.ts";

/** Plugins that come as a file, in a form. */
export const sideloadRoute = (app: FastifyInstance, { installer }: Services, readForm: ReadForm): void =>
  handle(app, "sideloadPlugin", async (_given, { request, reply }) => {
    const { namespace, version, granted, withheld } = await readForm(request, {
      fields: api.sideloadPlugin.body,
      maxBytes: MAX_ARTIFACT_BYTES,
      take: async ({ filename, stream }, fields) => {
        const bytes = await buffer(stream);
        return installer.sideload(filename, bytes, fields.grant, { signal: goneSignal(reply) });
      },
    });
    return { namespace, version, granted, withheld };
  });
