import { type Actor, isHitagiError, type Namespace, toNamespace } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Plugins, UseRequest, UseResult } from "../../plugins/types.ts";
import type { Services } from "../../services.ts";
import { actorOf } from "../request.ts";
import { disconnectSignal, handle, type RouteResult } from "../route.ts";

type UseResponse = RouteResult<"usePlugin">;

const typeOf = (plugins: Plugins, namespace: Namespace): UseResponse["type"] =>
  plugins.list("all").find((p) => p.namespace === namespace)?.type ?? null;

/** LANraragi's response to a failed plugin has the status 200 and `success: 0`. */
const failed = (error: unknown, plugins: Plugins, namespace: Namespace): UseResponse => {
  if (!isHitagiError(error)) throw error;
  const { message, code, hint } = error;
  const type = typeOf(plugins, namespace);
  return { operation: "use_plugin", type, success: 0, error: message, code, hint, data: null };
};

/** Uses a plugin. A use that only reads is not recorded: there may be thousands a second. */
const use = ({ plugins, history }: Services, actor: Actor, request: UseRequest): Promise<UseResult> => {
  const { namespace } = request;
  if (!plugins.mayWrite(namespace)) return plugins.use(request);
  const subject = { kind: "plugin", id: namespace } as const;
  return history.track({ actor, action: "use_plugin", subject }, () => plugins.use(request));
};

/** Use of plugins, now or in a job. */
export const useRoutes = (app: FastifyInstance, services: Services): void => {
  const { plugins, enqueue } = services;
  handle(app, "usePlugin", async ({ query }, { request, reply }) => {
    const { id: archive, arg } = query;
    const namespace = toNamespace(query.plugin);
    const actor = actorOf(request);
    const used = { namespace, archive: archive || undefined, arg, actor, signal: disconnectSignal(reply) };
    return use(services, actor, used).then(
      ({ type, data }): UseResponse => ({ operation: "use_plugin", type, success: 1, error: null, data }),
      (error: unknown) => failed(error, plugins, namespace),
    );
  });
  handle(app, "queuePlugin", async ({ query: { plugin, id, arg, priority = 0 } }, { request }) => {
    const args = { namespace: plugin, archive: id, arg };
    return { job: await enqueue.runPlugin(args, { actor: actorOf(request), priority }) };
  });
};
