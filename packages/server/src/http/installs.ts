import { buffer } from "node:stream/consumers";
import { api, MAX_ARTIFACT_BYTES } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import { taskNames } from "../jobs/tasks.ts";
import type { Services } from "../services.ts";
import { goneSignal, handle } from "./route.ts";
import type { ReadForm } from "./uploads.ts";

/** What changes which plugins are installed. */
export const installRoutes = (
  app: FastifyInstance,
  { installer, jobs }: Services,
  readForm: ReadForm,
): void => {
  handle(app, "previewInstall", async ({ body }) => ({ plan: await installer.plan(body) }));
  handle(app, "installPlugin", async ({ body }) => {
    const { namespace, registry, version = null, force = false, grant = false } = body;
    const job = await jobs.enqueue(taskNames.install, [namespace, registry, version, force, grant]);
    return { job, namespace };
  });
  handle(app, "upgradePlugins", async ({ body: { namespaces = null, grant = false } }) => ({
    job: await jobs.enqueue(taskNames.upgrade, [namespaces, grant]),
  }));
  handle(app, "sideloadPlugin", async (_given, { request, reply }) => {
    const { namespace, version } = await readForm(request, {
      fields: api.sideloadPlugin.body,
      maxBytes: MAX_ARTIFACT_BYTES,
      take: async ({ filename, stream }, fields) => {
        const bytes = await buffer(stream);
        return installer.sideload(filename, bytes, fields.grant ?? true, { signal: goneSignal(reply) });
      },
    });
    return { namespace, version };
  });
  handle(app, "uninstallPlugin", async ({ params }) => {
    const { name } = await installer.uninstall(params.namespace);
    return { successMessage: `${name} was uninstalled; its settings are kept.` };
  });
  handle(app, "rollbackPlugin", async ({ params, body }) => {
    const { namespace, version } = await installer.rollback(params.namespace, body.version);
    return { namespace, version };
  });
};
