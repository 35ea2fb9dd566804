import { Readable } from "node:stream";
import { api, type FoundRegistry, HitagiError } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import { alikeHost } from "../../admission/look-alikes.ts";
import { readCredential } from "../../catalog/registry-fields.ts";
import type { Refreshed } from "../../catalog/types.ts";
import type { Services } from "../../services.ts";
import { actorOf } from "../request.ts";
import { disconnectSignal, handle, handleRaw } from "../route.ts";

/** Bytes that are written at once: large enough to be fast, small enough to let other responses proceed. */
const CHUNK = 256 * 1024;

const refreshChunks = function* ({ index, ...rest }: Refreshed): Generator<Buffer> {
  const head = { operation: api.refreshRegistry.operation, success: 1, error: null, ...rest };
  yield Buffer.from(`${JSON.stringify(head).slice(0, -1)},"index":`);
  for (let from = 0; from < index.length; from += CHUNK) yield index.subarray(from, from + CHUNK);
  yield Buffer.from("}");
};

/** The response of a refresh. The index may be 100 MB of valid JSON, so it is neither parsed nor copied again. */
export const refreshResponse = (refreshed: Refreshed): Readable =>
  Readable.from(refreshChunks(refreshed), { objectMode: true, highWaterMark: 2 });

/**
 * Checks a registry against the fingerprint that the owner was given. One that cannot be read is judged when it can be.
 * @throws HitagiError FINGERPRINT_DIFFERS
 */
const checkFingerprint = ({ name, identity, failure }: FoundRegistry, given: string): void => {
  if (failure || identity?.fingerprint === given) return;
  const found = identity ? `the recovery key with the fingerprint ${identity.fingerprint}` : "no signed head";
  throw new HitagiError("FINGERPRINT_DIFFERS", { name, found, given });
};

/** The configured registries. */
export const registryRoutes = (app: FastifyInstance, services: Services): void => {
  const { registries, catalog, refreshAll, probeRegistry, trustDecisions, store } = services;
  handle(app, "listRegistries", async () => ({ registries: await registries.list() }));
  handle(app, "createRegistry", async ({ body }, { request, reply }) => {
    const { refresh = false, token, sshKey, user, password, key, ...fields } = body;
    const credential = readCredential({ token, sshKey, user, password }) ?? undefined;
    if (key !== undefined && refresh)
      checkFingerprint(await probeRegistry(fields, credential, disconnectSignal(reply)), key);
    const { id } = await registries.create(fields, credential);
    if (key !== undefined) await trustDecisions.pinTo(id, key);
    if (!refresh) return { id };
    const which = (registry: { id: string }) => registry.id === id;
    const [outcome] = await refreshAll(actorOf(request))({ which, signal: disconnectSignal(reply) });
    return { id, ...(outcome && { refresh: outcome }) };
  });
  handle(app, "getRegistry", async ({ params }) => ({ registry: await registries.get(params.id) }));
  handle(app, "updateRegistry", async ({ params, body }) => {
    const { token, sshKey, user, password, ...fields } = body;
    const credential = readCredential({ token, sshKey, user, password });
    return { id: (await registries.update(params.id, fields, credential)).id };
  });
  handle(app, "deleteRegistry", async ({ params }) => {
    const { id } = params;
    const { name = id } = (await store.registries.get(id)) ?? {};
    await registries.delete(id);
    return { successMessage: `Registry ${name} (${id}) was removed.` };
  });

  handle(app, "testRegistry", async ({ body }, { reply }) => {
    const { token, sshKey, user, password, ...request } = body;
    const credential = readCredential({ token, sshKey, user, password }) ?? undefined;
    const found = await probeRegistry(request, credential, disconnectSignal(reply));
    const alike = await alikeHost(found.url, await registries.list());
    return {
      found: {
        ...found,
        ...(alike && { warnings: [{ code: alike.code, message: alike.message, hint: alike.hint }] }),
      },
    };
  });
  handle(app, "refreshRegistries", async (_, { request, reply }) => ({
    registries: await refreshAll(actorOf(request))({ signal: disconnectSignal(reply) }),
  }));

  handle(app, "getDefaultRegistry", async () => ({ id: await registries.getDefault() }));
  handle(app, "setDefaultRegistry", async ({ params }) => {
    await registries.setDefault(params.id);
    return { id: params.id };
  });
  handle(app, "clearDefaultRegistry", async () => ({ id: await registries.clearDefault() }));

  handleRaw(app, "refreshRegistry", async ({ params, query }, { reply }) => {
    const refreshed = await catalog.refresh(params.id, disconnectSignal(reply), query);
    return reply.type("application/json; charset=utf-8").send(refreshResponse(refreshed));
  });
};
