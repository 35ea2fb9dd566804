import { HitagiError, isHitagiError, type Namespace, toNamespace } from "@hitagi/contract";
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

/** Versions that a refusal names. */
const MAX_NAMED = 10;

/**
 * Refuses a version that is neither offered by a registry, nor installed or kept here: it is mistyped.
 * @throws HitagiError VERSION_NOT_KNOWN
 */
const checkKnown = async (
  { plugins, catalog }: Pick<Services, "plugins" | "catalog">,
  namespace: Namespace,
  version: string,
): Promise<void> => {
  const offers = await catalog.offers(namespace).catch((error: unknown) => {
    if (isHitagiError(error, "PLUGIN_NOT_OFFERED", "PLUGIN_YANKED")) return [];
    throw error;
  });
  const offered = offers.flatMap(({ versions }) => versions);
  const kept = (await plugins.versions(namespace)).versions;
  const known = [...new Set([...offered, ...kept].map((one) => one.version))];
  if (known.includes(version)) return;
  const named = known.slice(0, MAX_NAMED).join(", ");
  const more = known.length > MAX_NAMED ? `${named} and ${known.length - MAX_NAMED} more` : named;
  throw new HitagiError("VERSION_NOT_KNOWN", { namespace, version, known: more });
};

/** What an owner decides about the updates of a plugin: holds, and skipped versions. */
export const updateChoiceRoutes = (app: FastifyInstance, services: Services): void => {
  const { plugins, catalog } = services;
  const since = () => Math.floor(epochSeconds());

  handle(app, "holdPlugin", async ({ params, body: { at, note } }) => {
    const namespace = toNamespace(params.namespace);
    const { version } = await updatable(services, namespace);
    if (at !== undefined && at !== version) await checkKnown(services, namespace, at);
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
    await checkKnown(services, namespace, version);
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
