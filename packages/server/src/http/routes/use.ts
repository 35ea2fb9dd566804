import { type Actor, type Input, isHitagiError, type Namespace, toNamespace } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Plugins, UseRequest, UseResult } from "../../plugins/types.ts";
import type { Services } from "../../services.ts";
import { createCallReport } from "../call-report.ts";
import { actorOf } from "../request.ts";
import { disconnectSignal, handle, type RouteResult } from "../route.ts";
import { ValidationError } from "../validation.ts";

type UseResponse = RouteResult<"usePlugin">;

const typeOf = (plugins: Plugins, namespace: Namespace | undefined): UseResponse["type"] =>
  plugins.list("all").find((p) => p.namespace === namespace)?.type ?? null;

/** LANraragi's response to a failed plugin has the status 200 and `success: 0`. */
const failed = (error: unknown, plugins: Plugins, namespace: Namespace | undefined): UseResponse => {
  if (!isHitagiError(error)) throw error;
  const { message, code, hint } = error;
  const type = typeOf(plugins, namespace);
  return {
    operation: "use_plugin",
    ...{ type, success: 0, error: message, code, hint, data: null },
  };
};

/** Uses a plugin. A use that only reads is not recorded: there may be thousands a second. */
const use = (
  { plugins, history }: Services,
  actor: Actor,
  request: UseRequest,
  apply: boolean,
): Promise<UseResult> => {
  const { namespace, archive: id } = request;
  if (!apply && !plugins.mayWrite(namespace)) return plugins.use(request);
  const subject = { kind: "plugin", id: namespace } as const;
  const details = id !== undefined && { details: { archive: { id } } };
  return history.track({ actor, action: "use_plugin", subject, ...details }, () =>
    apply ? plugins.apply(request) : plugins.use(request),
  );
};

type Called = Pick<UseRequest, "namespace" | "arg">;

/** The plugin that a request names or that reads its address. @throws ValidationError, HitagiError NO_ADDRESS_READER */
const calledBy = async (
  { addresses }: Plugins,
  { plugin, arg, url }: Pick<Input<"usePlugin">["query"], "plugin" | "arg" | "url">,
): Promise<Called> => {
  if (arg !== undefined && url !== undefined) {
    throw new ValidationError([{ path: "/query/url", message: "Not allowed beside arg." }]);
  }
  if (plugin !== undefined) return { namespace: toNamespace(plugin), arg: url ?? arg };
  if (url === undefined) throw new ValidationError([{ path: "/query/plugin", message: "Missing property." }]);
  return addresses.choose(url);
};

/** The arguments of a call. Those in the body count before those in the address. */
const argumentsOf = <Q extends object>({ query, body }: { query: Q; body?: Partial<Q> | undefined }): Q =>
  body ? { ...query, ...body } : query;

/** Names the plugin, where the request did not. */
const chosen = ({ plugin }: { plugin?: string | undefined }, called: Called | undefined) =>
  plugin === undefined && called !== undefined && { plugin: called.namespace };

/** Use of plugins, now or in a job. */
export const useRoutes = (app: FastifyInstance, services: Services): void => {
  const { plugins, enqueue } = services;
  handle(app, "usePlugin", async (input, { request, reply }) => {
    const query = argumentsOf(input);
    const actor = actorOf(request);
    const archive = query.id || undefined;
    const report = query.debug ? createCallReport() : undefined;
    let called: Called | undefined;
    const answered = (answer: UseResponse): UseResponse => {
      if (query.plugin === undefined && called !== undefined) answer.plugin = called.namespace;
      if (report) answer.debug = report.end();
      return answer;
    };
    try {
      called = await calledBy(plugins, query);
      const { namespace, arg } = called;
      const signal = disconnectSignal(reply);
      const used = { namespace, arg, archive, actor, signal, observer: report?.observer };
      const { type, data } = await use(services, actor, used, query.apply ?? false);
      return answered({ operation: "use_plugin", type, success: 1, error: null, data });
    } catch (error) {
      return answered(failed(error, plugins, called?.namespace));
    }
  });
  handle(app, "queuePlugin", async (input, { request }) => {
    const query = argumentsOf(input);
    const called = await calledBy(plugins, query);
    const args = { namespace: query.plugin ?? called.namespace, archive: query.id, arg: called.arg };
    const job = await enqueue.runPlugin(args, { actor: actorOf(request), priority: query.priority ?? 0 });
    return { job, ...chosen(query, called) };
  });
};
