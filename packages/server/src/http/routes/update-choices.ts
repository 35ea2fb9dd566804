import { HitagiError, type Namespace, toNamespace } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import { epochSeconds } from "../../clock.ts";
import type { Services } from "../../services.ts";
import { handle } from "../route.ts";

/** An installed plugin that can have updates. @throws HitagiError PLUGIN_NOT_INSTALLED, PLUGIN_BUILTIN */
const updatable = async ({ plugins }: Pick<Services, "plugins">, namespace: Namespace) => {
  const record = await plugins.record(namespace);
  if (record.origin === "builtin") throw new HitagiError("PLUGIN_BUILTIN", { namespace });
  return record;
};

/** What an owner decides about the updates of a plugin: holds, and skipped versions. */
export const updateChoiceRoutes = (app: FastifyInstance, services: Services): void => {
  const { plugins, catalog } = services;
  const since = () => Math.floor(epochSeconds());

  handle(app, "holdPlugin", async ({ params, body: { at, note } }) => {
    const namespace = toNamespace(params.namespace);
    const { version } = await updatable(services, namespace);
    const hold = { at: at ?? version, ...(note !== undefined && { note }), since: since() };
    return { updates: await plugins.changeUpdates(namespace, { hold }) };
  });
  handle(app, "unholdPlugin", async ({ params }) => ({
    updates: await plugins.changeUpdates(toNamespace(params.namespace), { hold: null }),
  }));
  handle(app, "skipVersion", async ({ params, body: { note, ...body } }) => {
    const namespace = toNamespace(params.namespace);
    await updatable(services, namespace);
    const offered = (await catalog.updates()).find((one) => one.namespace === namespace);
    const version = body.version ?? offered?.update;
    if (version === undefined) throw new HitagiError("NOTHING_TO_SKIP", { namespace });
    const skipped = {
      version,
      reason: "skipped" as const,
      ...(note !== undefined && { note }),
      since: since(),
    };
    return { version, updates: await plugins.changeUpdates(namespace, { skip: [skipped] }) };
  });
  handle(app, "unskipVersion", async ({ params, body: { version } }) => {
    const namespace = toNamespace(params.namespace);
    const { updates } = await plugins.record(namespace);
    const skipped = (updates?.skipped ?? []).map((one) => one.version);
    const unskip = version === undefined ? skipped : [version];
    return { updates: await plugins.changeUpdates(namespace, { unskip }) };
  });
};
