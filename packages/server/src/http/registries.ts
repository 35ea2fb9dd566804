import type { FastifyInstance } from "fastify";
import type { Services } from "../services.ts";
import { indexAnswer } from "./index-answer.ts";
import { goneSignal, handle, handleRaw } from "./route.ts";

/** The configured registries. */
export const registryRoutes = (app: FastifyInstance, { registries, catalog }: Services): void => {
  handle(app, "listRegistries", async () => ({ registries: await registries.list() }));
  handle(app, "createRegistry", async ({ body }) => ({ id: (await registries.create(body)).id }));
  handle(app, "getRegistry", async ({ params }) => ({ registry: await registries.get(params.id) }));
  handle(app, "updateRegistry", async ({ params, body }) => ({
    id: (await registries.update(params.id, body)).id,
  }));
  handle(app, "deleteRegistry", async ({ params }) => {
    await registries.delete(params.id);
    return { successMessage: `Registry ${params.id} was removed.` };
  });

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
