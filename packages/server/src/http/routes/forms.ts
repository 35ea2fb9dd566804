import multipart from "@fastify/multipart";
import type { FastifyInstance } from "fastify";
import type { Services } from "../../services.ts";
import type { Limits } from "../limits.ts";
import { createFieldsReader, createFormReader } from "../uploads.ts";
import type { Checks } from "../validation.ts";
import { archiveUploadRoute } from "./archive-upload.ts";
import { pluginFormRoute } from "./plugin-form.ts";
import { sideloadRoute } from "./sideload.ts";

/**
 * The calls whose body may be multipart. They are apart from the others because the parser puts asynchronous hooks on
 * every call that is registered with it, and those cost more than answering a list.
 */
export const formRoutes = async (
  app: FastifyInstance,
  services: Services,
  checks: Checks,
  limits: Limits,
): Promise<void> => {
  await app.register(multipart, {
    // An upload that grows too large is refused by whoever reads it, with the limit in words.
    throwFileSizeLimit: false,
    limits: { fieldSize: limits.bodyBytes, fields: 20, files: 1, parts: 30 },
  });
  const readForm = createFormReader(checks, limits.uploadIdleMs);
  archiveUploadRoute(app, services, readForm);
  sideloadRoute(app, services, readForm);
  pluginFormRoute(app, services, createFieldsReader(checks, limits.uploadIdleMs));
};
