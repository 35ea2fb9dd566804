import type { FastifyInstance } from "fastify";
import { readCredential } from "../../catalog/registry-credential.ts";
import type { Services } from "../../services.ts";
import { actorOf } from "../actor.ts";
import { indexAnswer } from "../index-answer.ts";
import { goneSignal, handle, handleRaw } from "../route.ts";

/** The configured registries. */
export const registryRoutes = (app: FastifyInstance, services: Services): void => {
  const { registries, catalog, refreshAll, probeRegistry } = services;
  handle(app, "listRegistries", async () => ({ registries: await registries.list() }));
  handle(app, "createRegistry", async ({ body: { token, sshKey, ...fields } }) => ({
    id: (await registries.create(fields, readCredential({ token, sshKey }) ?? undefined)).id,
  }));
  handle(app, "getRegistry", async ({ params }) => ({ registry: await registries.get(params.id) }));
  handle(app, "updateRegistry", async ({ params, body: { token, sshKey, ...fields } }) => ({
    id: (await registries.update(params.id, fields, readCredential({ token, sshKey }))).id,
  }));
  handle(app, "deleteRegistry", async ({ params }) => {
    await registries.delete(params.id);
    return { successMessage: `Registry ${params.id} was removed.` };
  });

  handle(app, "testRegistry", async ({ body: { token, sshKey, ...request } }, { reply }) => ({
    found: await probeRegistry(request, readCredential({ token, sshKey }) ?? undefined, goneSignal(reply)),
  }));
  handle(app, "refreshRegistries", async (_, { request, reply }) => ({
    registries: await refreshAll(actorOf(request))({ signal: goneSignal(reply) }),
  }));

  handle(app, "getDefaultRegistry", async () => ({ id: await registries.getDefault() }));
  handle(app, "setDefaultRegistry", async ({ params }) => {
    await registries.setDefault(params.id);
    return { id: params.id };
  });
  handle(app, "clearDefaultRegistry", async () => ({ id: await registries.clearDefault() }));

  handleRaw(app, "refreshRegistry", async ({ params }, { reply }) => {
    const refreshed = await catalog.refresh(params.id, goneSignal(reply));
    return reply.type("application/json; charset=utf-8").send(indexAnswer(refreshed));
  });
};
