import { toNamespace } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Services } from "../../services.ts";
import { actorOf } from "../request.ts";
import { disconnectSignal, handle } from "../route.ts";

/** Installs, upgrades, rollbacks and removals of plugins. */
export const installRoutes = (app: FastifyInstance, { installer, enqueue }: Services): void => {
  handle(app, "previewInstall", async ({ body }, { reply }) => ({
    plan: await installer.plan({ ...body, namespace: toNamespace(body.namespace) }, disconnectSignal(reply)),
  }));
  handle(app, "installPlugin", async ({ body }, { request }) => {
    const { namespace, registry, version, force, grant, acceptChanged } = body;
    const args = { namespace, registry, version, force, grant, acceptChanged };
    return { job: await enqueue.installPlugin(args, { actor: actorOf(request) }), namespace };
  });
  handle(app, "upgradePlugins", async ({ body: { namespaces, grant } }, { request }) => ({
    job: await enqueue.upgradePlugins({ namespaces, grant }, { actor: actorOf(request) }),
  }));
  handle(app, "uninstallPlugin", async ({ params }) => {
    const { name } = await installer.uninstall(toNamespace(params.namespace));
    return { successMessage: `${name} was uninstalled; its settings are kept.` };
  });
  handle(app, "rollbackPlugin", async ({ params, body }) => {
    const { namespace, version, from } = await installer.rollback(
      toNamespace(params.namespace),
      body.version,
    );
    return { namespace, version, from };
  });
};
