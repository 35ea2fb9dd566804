import { type Failure, HitagiError, isHitagiError } from "@hitagi/contract";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { operationOf, pathOf } from "./route-config.ts";
import { RequestInvalid } from "./validation.ts";

interface Answer {
  status: number;
  body: Failure;
}

/** A failure in the one shape that all of them have. */
export const envelope = (operation: string, error: HitagiError): Answer => ({
  status: error.status,
  body: {
    operation,
    success: 0,
    error: error.message,
    code: error.code,
    hint: error.hint,
    ...(isHitagiError(error, "ARCHIVE_EXISTS") && { id: String(error.params.id) }),
  },
});

/** LANraragi's answer to a request that is not valid, with the envelope of the other failures around it. */
export const invalid = (operation: string, error: RequestInvalid): Answer => {
  const { status, body } = envelope(
    operation,
    new HitagiError("VALIDATION_FAILED", { reason: error.message }),
  );
  return { status, body: { ...body, errors: [...error.faults], status } };
};

/** Fastify's own refusals in our terms; undefined for what is not one. */
const refusal = (error: FastifyError, request: FastifyRequest): RequestInvalid | HitagiError | undefined => {
  const type = request.headers["content-type"] ?? "none";
  switch (error.code) {
    case "FST_ERR_CTP_INVALID_JSON_BODY":
      return new RequestInvalid([{ path: "/body", message: "Not valid JSON." }]);
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new HitagiError("PAYLOAD_TOO_LARGE", { limit: request.routeOptions.bodyLimit });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
    case "FST_ERR_CTP_INVALID_CONTENT_TYPE":
      return new HitagiError("UNSUPPORTED_MEDIA_TYPE", { type, wanted: "application/json" });
  }
  const own = error.code?.startsWith("FST_") && (error.statusCode ?? 500) < 500;
  const path = error.code === "FST_ERR_BAD_URL" ? "/path" : "/body";
  return own ? new RequestInvalid([{ path, message: error.message }]) : undefined;
};

const known = (error: unknown, request: FastifyRequest): RequestInvalid | HitagiError | undefined => {
  if (error instanceof RequestInvalid || error instanceof HitagiError) return error;
  return error instanceof Error ? refusal(error as FastifyError, request) : undefined;
};

/** What a failure answers. Whatever is not of the error table says only its request id. */
export const answerOf = (error: unknown, request: FastifyRequest): Answer => {
  const operation = operationOf(request);
  const found = known(error, request) ?? new HitagiError("INTERNAL", { requestId: request.id });
  return found instanceof RequestInvalid ? invalid(operation, found) : envelope(operation, found);
};

const headersOf = (status: number): Record<string, string> => {
  if (status === 401) return { "www-authenticate": "Bearer" };
  return status === 429 ? { "retry-after": "60" } : {};
};

/** Answers a failure, and logs it with its cause where the fault is the server's. */
export const sendFailure = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const { status, body } = answerOf(error, request);
  request.failure = body.code ?? null;
  if (status >= 500) request.log[isHitagiError(error) ? "warn" : "error"]({ err: error }, body.error);
  return reply.code(status).headers(headersOf(status)).type("application/json; charset=utf-8").send(body);
};

/** Makes every failure of the app answer in the one shape of the contract. */
export const setUpErrors = (app: FastifyInstance): void => {
  app.decorateRequest("failure", null);
  app.setErrorHandler((error, request, reply) => sendFailure(error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const { method } = request;
    return sendFailure(new HitagiError("ROUTE_NOT_FOUND", { method, path: pathOf(request) }), request, reply);
  });
};
