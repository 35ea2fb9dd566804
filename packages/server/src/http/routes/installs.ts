import type { FastifyInstance } from "fastify";
import type { Services } from "../../services.ts";
import { taskNames } from "../../tasks/tasks.ts";
import { actorOf } from "../actor.ts";
import { goneSignal, handle } from "../route.ts";

/** What changes which plugins are installed. */
export const installRoutes = (app: FastifyInstance, { installer, jobs }: Services): void => {
  handle(app, "previewInstall", async ({ body }, { reply }) => ({
    plan: await installer.plan(body, goneSignal(reply)),
  }));
  handle(app, "installPlugin", async ({ body }, { request }) => {
    const { namespace, registry, version = null, force = false, grant = false } = body;
    const job = await jobs.enqueue(taskNames.install, [namespace, registry, version, force, grant], {
      actor: actorOf(request),
    });
    return { job, namespace };
  });
  handle(app, "upgradePlugins", async ({ body: { namespaces = null, grant = false } }, { request }) => ({
    job: await jobs.enqueue(taskNames.upgrade, [namespaces, grant], { actor: actorOf(request) }),
  }));
  handle(app, "uninstallPlugin", async ({ params }) => {
    const { name } = await installer.uninstall(params.namespace);
    return { successMessage: `${name} was uninstalled; its settings are kept.` };
  });
  handle(app, "rollbackPlugin", async ({ params, body }) => {
    const { namespace, version } = await installer.rollback(params.namespace, body.version);
    return { namespace, version };
  });
};
