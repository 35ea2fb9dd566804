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
 * The operations with a multipart body. They are registered apart, because the parser adds asynchronous hooks to every
 * operation beside it, and those cost more than a list response.
 */
export const formRoutes = async (
  app: FastifyInstance,
  services: Services,
  checks: Checks,
  limits: Limits,
): Promise<void> => {
  await app.register(multipart, {
    // The form reader refuses an upload that is too large, and names the limit.
    throwFileSizeLimit: false,
    limits: { fieldSize: limits.bodyBytes, fields: 20, files: 1, parts: 30 },
  });
  const readForm = createFormReader(checks, limits.uploadIdleMs);
  archiveUploadRoute(app, services, readForm);
  sideloadRoute(app, services, readForm);
  pluginFormRoute(app, services, createFieldsReader(checks, limits.uploadIdleMs));
};
