import { type Grant, type ShownVersion, toNamespace } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Services } from "../../services.ts";
import { actorOf } from "../request.ts";
import { disconnectSignal, handle } from "../route.ts";

/**
 * What a request grants: all that a version asks for only where a preview showed that version. A request that names none counts as one
 * that says nothing of permissions.
 */
const grantOf = <G extends Grant>(
  grant: G | undefined,
  shown: readonly ShownVersion[] | undefined,
): G | undefined => (grant === true && shown === undefined ? undefined : grant);

/** Installs, upgrades, rollbacks and removals of plugins. */
export const installRoutes = (app: FastifyInstance, { installer, plugins, enqueue }: Services): void => {
  handle(app, "previewInstall", async ({ body }, { reply }) => ({
    plan: await installer.plan({ ...body, namespace: toNamespace(body.namespace) }, disconnectSignal(reply)),
  }));
  handle(app, "installPlugin", async ({ body }, { request }) => {
    const { namespace, registry, version, force, grant, acceptChanged, move, acceptUnsigned } = body;
    const { ignoreRequirements, otherRegistries, shown } = body;
    const args = {
      ...{ namespace, registry, version, force, acceptChanged, move, acceptUnsigned },
      ...{ ignoreRequirements, otherRegistries, shown, grant: grantOf(grant, shown) },
    };
    return { job: await enqueue.installPlugin(args, { actor: actorOf(request) }), namespace };
  });
  handle(app, "previewUpgrade", async ({ body: { namespaces } }, { reply }) => ({
    upgrades: await installer.planUpgrades(namespaces?.map(toNamespace), disconnectSignal(reply)),
  }));
  handle(app, "upgradePlugins", async ({ body: { namespaces, grant, shown } }, { request }) => {
    const args = { namespaces, grant: grantOf(grant, shown) ?? false, automatic: false, shown };
    return { job: await enqueue.upgradePlugins(args, { actor: actorOf(request) }) };
  });
  handle(app, "uninstallPlugin", async ({ params, query }, { request }) => {
    const { dropSettings = false, ignoreRequirements } = query;
    const namespace = toNamespace(params.namespace);
    const { name, version } = await installer.uninstall(namespace, { dropSettings, ignoreRequirements });
    request.changeDetails = { plugins: [{ namespace, from: version }], dropped_settings: dropSettings };
    // This server has the settings in memory.
    if (dropSettings) await plugins.reload(namespace);
    const kept = dropSettings ? "its settings, secrets and cache are deleted" : "its settings are kept";
    return { successMessage: `${name} was uninstalled; ${kept}.` };
  });
  handle(app, "reinstallPlugin", async ({ params }) => {
    const { namespace, version } = await installer.reinstall(toNamespace(params.namespace));
    return { namespace, version };
  });
  handle(app, "moveToSideloaded", async ({ params, query }) => {
    const moved = await installer.moveToSideloaded(toNamespace(params.namespace), query);
    const { namespace, version, from, withheld } = moved;
    return { namespace, version, from, withheld };
  });
  handle(app, "rollbackPlugin", async ({ params, body }) => {
    const { namespace, version, from } = await installer.rollback(
      toNamespace(params.namespace),
      body.version,
      body,
    );
    return { namespace, version, from };
  });
};
