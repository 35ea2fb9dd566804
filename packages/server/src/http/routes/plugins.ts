import { api, toNamespace, type Verified } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Plugins } from "../../plugins/types.ts";
import type { Services } from "../../services.ts";
import { etagOf, isKnown } from "../etag.ts";
import { handle, handleRaw } from "../route.ts";
import type { Serializers } from "../serialization.ts";

type ListType = Parameters<Plugins["list"]>[0];

/** A serialized list. Its tag is the hash of its bytes, so that every server has the same one for the same list. */
interface ListBytes {
  bytes: Buffer;
  etag: string;
}

/** The serialized plugin lists. Clients read them often and they change seldom, so the bytes are cached by revision. */
export const createPluginLists = (
  plugins: Pick<Plugins, "list" | "revision">,
  serializers: Serializers,
): ((type: ListType) => ListBytes) => {
  const serialize = serializers(api.listPlugins.response);
  const cache = new Map<ListType, ListBytes & { revision: number }>();
  return (type) => {
    const revision = plugins.revision();
    const cached = cache.get(type);
    if (cached?.revision === revision) return cached;
    const bytes = Buffer.from(serialize(plugins.list(type)));
    const list = { revision, bytes, etag: etagOf(bytes) };
    cache.set(type, list);
    return list;
  };
};

/** Activates plugins whose file is back, for example with the disk of the plugins folder. */
const activateReturned = async (plugins: Plugins, files: readonly Verified[]): Promise<void> => {
  const records = await plugins.records();
  const missing = new Set(records.flatMap((one) => (one.health.state === "missing" ? one.namespace : [])));
  for (const { namespace, state } of files) {
    if (state === "ok" && missing.has(namespace)) await plugins.reload(toNamespace(namespace));
  }
};

/** The installed plugins: lists, records, settings. */
export const pluginRoutes = (
  app: FastifyInstance,
  { plugins, installer, catalog, integrity, broker }: Services,
  serializers: Serializers,
): void => {
  const lists = createPluginLists(plugins, serializers);
  handleRaw(app, "listPlugins", ({ params }, { request, reply }) => {
    const { bytes, etag } = lists(params.type);
    // A browser asks each time: no copy of it counts as fresh.
    reply.header("etag", etag).header("cache-control", "no-cache");
    if (isKnown(request.headers["if-none-match"], etag)) return reply.code(304).send();
    return reply.header("content-type", "application/json; charset=utf-8").send(bytes);
  });
  handle(app, "listInstalled", async () => ({ plugins: await plugins.records() }));
  handle(app, "getInstalled", async ({ params }) => {
    const plugin = await plugins.record(toNamespace(params.namespace));
    const { registry, namespace } = plugin;
    const [details] = registry === null ? [] : await catalog.details(registry, [namespace]);
    return { plugin, ...(details && { details }) };
  });
  handle(app, "listKeptVersions", async ({ params }) => {
    const namespace = toNamespace(params.namespace);
    const { installed, versions } = await plugins.versions(namespace);
    const against = await installer.judgeReturns(namespace);
    return {
      installed,
      versions: versions.map((kept) => {
        const error = kept.current ? undefined : against.get(kept.sha256);
        return error ? { ...kept, against: error } : kept;
      }),
    };
  });
  handle(app, "getNetworkLog", async ({ params }) => {
    const { namespace } = await plugins.record(toNamespace(params.namespace));
    return { requests: await broker.networkLog(namespace) };
  });
  handle(app, "verifyPlugins", async () => {
    const files = await integrity.check();
    await activateReturned(plugins, files);
    return { files };
  });

  handle(app, "listAddressReaders", async ({ query }) => ({
    plugins: await plugins.addresses.list(query.url),
  }));
  handle(app, "countSources", async ({ body }) => ({
    counts: await plugins.addresses.countSources(body.ids),
  }));

  handle(app, "configurePlugin", async ({ params, body }) => {
    await plugins.configure(toNamespace(params.namespace), body);
    return {};
  });
  handle(app, "getSettings", async ({ params }) => ({
    settings: await plugins.settings(toNamespace(params.namespace)),
  }));
  handle(app, "putSettings", async ({ params, body }) => ({
    settings: await plugins.putSettings(toNamespace(params.namespace), body),
  }));
  handle(app, "grantPermissions", async ({ params, body }) => ({
    granted: await plugins.grant(toNamespace(params.namespace), body.permissions),
  }));
};
