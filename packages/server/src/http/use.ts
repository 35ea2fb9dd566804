import { isHitagiError } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import { taskNames } from "../jobs/tasks.ts";
import type { Plugins } from "../plugins/types.ts";
import type { Services } from "../services.ts";
import { actorOf } from "./actor.ts";
import { type Answer, goneSignal, handle } from "./route.ts";

type Used = Answer<"usePlugin">;

const typeOf = (plugins: Plugins, namespace: string): Used["type"] => {
  const wanted = namespace.toLowerCase();
  return plugins.list("all").find((p) => p.namespace.toLowerCase() === wanted)?.type ?? null;
};

/** LANraragi answers a plugin's failure with status 200 and says in `success` that it is one. */
const failed = (error: unknown, plugins: Plugins, namespace: string): Used => {
  if (!isHitagiError(error)) throw error;
  const { message, code, hint } = error;
  const type = typeOf(plugins, namespace);
  return { operation: "use_plugin", type, success: 0, error: message, code, hint, data: null };
};

/** Calls of plugins, at once or in a job. */
export const useRoutes = (app: FastifyInstance, { plugins, jobs }: Services): void => {
  handle(app, "usePlugin", async ({ query }, { reply }) => {
    const { plugin: namespace, id: archive, arg } = query;
    const request = { namespace, archive: archive || undefined, arg, signal: goneSignal(reply) };
    return plugins.use(request).then(
      ({ type, data }): Used => ({ operation: "use_plugin", type, success: 1, error: null, data }),
      (error: unknown) => failed(error, plugins, namespace),
    );
  });
  handle(
    app,
    "queuePlugin",
    async ({ query: { plugin, id = null, arg = null, priority = 0 } }, { request }) => ({
      job: await jobs.enqueue(taskNames.run, [plugin, id, arg], { actor: actorOf(request), priority }),
    }),
  );
};
