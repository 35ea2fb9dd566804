import type { FastifyInstance } from "fastify";
import type { Services } from "../../services.ts";
import { actorOf } from "../request.ts";
import { disconnectSignal, handle } from "../route.ts";

/** The chain of metadata plugins. */
export const chainRoutes = (app: FastifyInstance, { chain, plugins }: Services): void => {
  handle(app, "getChain", () => chain.show());
  handle(app, "putChain", ({ body }) => chain.replace(body.steps, body.revision));
  handle(app, "tryChain", async ({ query }, { request, reply }) => {
    const options = { actor: actorOf(request), signal: disconnectSignal(reply) };
    return { trial: await plugins.tryChain(query.id, options) };
  });
};
