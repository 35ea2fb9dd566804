import { api, Failure, type Input, type OperationId, type Output, type Route } from "@hitagi/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { takesOf } from "./route-config.ts";

/** What a handler is given: the parts of the request, checked and typed by the contract. */
export type Given<O extends OperationId> = Omit<Input<O>, "file" | "filename" | "signal">;

/** What a handler answers: the 200 answer, without LANraragi's envelope where the call has it. */
export type Answer<O extends OperationId> =
  Output<O> extends { operation: string; success: 1 }
    ? Omit<Output<O>, "operation" | "success" | "error">
    : Output<O>;

/** The call itself, for the few handlers that need more than what they are given. */
export interface Call {
  request: FastifyRequest;
  reply: FastifyReply;
}

type Handler<O extends OperationId, R> = (given: Given<O>, call: Call) => R | Promise<R>;

const hasEnvelope = (route: Route): boolean => {
  const { properties } = route.response as { properties?: { success?: { const?: unknown } } };
  return properties?.success?.const === 1;
};

/** The 200 answer as Fastify wants it described. */
const bodyOf = ({ media, response }: Route) =>
  media ? { content: { [media]: { schema: response } } } : response;

const schemaOf = (id: OperationId, route: Route) => ({
  operationId: id,
  summary: route.summary,
  tags: [route.tag],
  // OpenAPI 3.1 lists the roles that a call asks for here, for schemes other than OAuth too.
  security: route.scope ? [{ key: [route.scope] }] : [],
  ...(route.scope && { description: `Needs a key of the scope \`${route.scope}\`.` }),
  ...(route.params && { params: route.params }),
  ...(route.query && { querystring: route.query }),
  // The fields of a multipart form are checked where the form is read: they come around the file.
  ...(route.body && route.form !== "file" && route.form !== "any" && { body: route.body }),
  response: { 200: bodyOf(route), "4xx": Failure, "5xx": Failure },
});

const register = <O extends OperationId>(
  app: FastifyInstance,
  id: O,
  handler: (given: Given<O>, call: Call) => unknown,
): void => {
  const route: Route = api[id];
  app.route({
    method: route.method,
    url: route.path,
    schema: schemaOf(id, route),
    config: { id, operation: route.operation, scope: route.scope, takes: takesOf(route) },
    handler: (request, reply) => {
      const { params, query, body } = request;
      return handler({ params, query, body } as unknown as Given<O>, { request, reply });
    },
  });
};

/** Registers a call of the contract whose handler answers a value; the envelope is put around it here. */
export const handle = <O extends OperationId>(
  app: FastifyInstance,
  id: O,
  handler: Handler<O, Answer<O>>,
): void => {
  const route: Route = api[id];
  const head = hasEnvelope(route) ? { operation: route.operation, success: 1, error: null } : undefined;
  register(app, id, async (given, call) => {
    const answer = await handler(given, call);
    return head ? { ...head, ...(answer as object) } : answer;
  });
};

/** Registers a call whose handler sends its answer itself, as bytes that need no serialising. */
export const handleRaw = <O extends OperationId>(
  app: FastifyInstance,
  id: O,
  handler: Handler<O, FastifyReply>,
): void => register(app, id, handler);

/** A signal that aborts when the caller goes away before it has its answer. */
export const goneSignal = (reply: FastifyReply): AbortSignal => {
  const controller = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
};
