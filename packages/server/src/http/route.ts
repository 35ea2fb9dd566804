import { api, Failure, type Input, type OperationId, type Output, type Route } from "@hitagi/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { withRegistryIds } from "./registry-names.ts";
import { bodyKindOf } from "./request-body.ts";

/** The input of a route handler: the validated parts of the request, typed by the contract. */
export type RequestInput<O extends OperationId> = Omit<Input<O>, "file" | "filename" | "signal">;

/** The result of a route handler: the 200 response, without LANraragi's envelope where the operation has it. */
export type RouteResult<O extends OperationId> =
  Output<O> extends { operation: string; success: 1 }
    ? Omit<Output<O>, "operation" | "success" | "error">
    : Output<O>;

/** Fastify's objects, for the few handlers that need more than the input. */
export interface Exchange {
  request: FastifyRequest;
  reply: FastifyReply;
}

type RouteHandler<O extends OperationId, R> = (input: RequestInput<O>, exchange: Exchange) => R | Promise<R>;

const hasEnvelope = (route: Route): boolean => {
  const { properties } = route.response as { properties?: { success?: { const?: unknown } } };
  return properties?.success?.const === 1;
};

const responseSchema = ({ media, response }: Route) =>
  media ? { content: { [media]: { schema: response } } } : response;

/** What a request is checked against, and its answer serialized with. */
const schemaOf = (route: Route) => ({
  ...(route.params && { params: withRegistryIds(route.params) }),
  ...(route.query && { querystring: route.query }),
  // The form reader validates the fields of a multipart form.
  ...(route.body && route.form !== "file" && route.form !== "any" && { body: withRegistryIds(route.body) }),
  response: { 200: responseSchema(route), "4xx": Failure, "5xx": Failure },
});

const register = <O extends OperationId>(
  app: FastifyInstance,
  id: O,
  handler: RouteHandler<O, unknown>,
): void => {
  const route: Route = api[id];
  const add = (url: string, schema: object): void => {
    app.route({
      method: route.method,
      url,
      schema,
      config: { id, operation: route.operation, scope: route.scope, bodyKind: bodyKindOf(route) },
      handler: (request, reply) => {
        const { params, query, body } = request;
        return handler({ params, query, body } as unknown as RequestInput<O>, { request, reply });
      },
    });
  };
  const schema = schemaOf(route);
  add(route.path, schema);
  if (route.alias !== undefined) add(route.alias, schema);
};

/** Registers an operation of the contract. The envelope is added to the handler's result. */
export const handle = <O extends OperationId>(
  app: FastifyInstance,
  id: O,
  handler: RouteHandler<O, RouteResult<O>>,
): void => {
  const route: Route = api[id];
  const envelope = hasEnvelope(route) ? { operation: route.operation, success: 1, error: null } : undefined;
  register(app, id, async (input, exchange) => {
    const result = await handler(input, exchange);
    return envelope ? { ...envelope, ...(result as object) } : result;
  });
};

/** Registers an operation whose handler sends its response itself, as bytes that need no serialization. */
export const handleRaw = <O extends OperationId>(
  app: FastifyInstance,
  id: O,
  handler: RouteHandler<O, FastifyReply>,
): void => register(app, id, handler);

/** A signal that aborts when the client disconnects before it has the response. */
export const disconnectSignal = (reply: FastifyReply): AbortSignal => {
  const controller = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
};
