import { type Failure, HitagiError, isHitagiError } from "@hitagi/contract";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { operationOf, pathOf } from "./request.ts";
import { ValidationError } from "./validation.ts";

interface ErrorResponse {
  status: number;
  body: Failure;
}

/** The response of an error, in the contract's one form of failures. */
export const errorResponse = (operation: string, error: HitagiError): ErrorResponse => ({
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

/** LANraragi's response to an invalid request, within the form of other failures. */
export const validationResponse = (operation: string, error: ValidationError): ErrorResponse => {
  const failed = new HitagiError("VALIDATION_FAILED", { reason: error.message });
  const { status, body } = errorResponse(operation, failed);
  return { status, body: { ...body, errors: [...error.issues], status } };
};

/** Translates Fastify's own errors; undefined for any other error. */
const fromFastify = (
  error: FastifyError,
  request: FastifyRequest,
): ValidationError | HitagiError | undefined => {
  const type = request.headers["content-type"] ?? "none";
  switch (error.code) {
    case "FST_ERR_CTP_INVALID_JSON_BODY":
      return new ValidationError([{ path: "/body", message: "Not valid JSON." }]);
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new HitagiError("PAYLOAD_TOO_LARGE", { limit: request.routeOptions.bodyLimit });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
    case "FST_ERR_CTP_INVALID_CONTENT_TYPE":
      return new HitagiError("UNSUPPORTED_MEDIA_TYPE", { type, wanted: "application/json" });
    case "FST_ERR_BAD_URL":
      return new ValidationError([{ path: "/path", message: error.message }]);
  }
  // Only Fastify's own errors have this prefix; a client error among them is one of the request.
  const isOfRequest = error.code?.startsWith("FST_") && (error.statusCode ?? 500) < 500;
  return isOfRequest ? new ValidationError([{ path: "/body", message: error.message }]) : undefined;
};

const responseTo = (error: unknown, request: FastifyRequest): ErrorResponse => {
  const operation = operationOf(request);
  const known =
    error instanceof Error && !(error instanceof ValidationError || error instanceof HitagiError)
      ? fromFastify(error as FastifyError, request)
      : error;
  if (known instanceof ValidationError) return validationResponse(operation, known);
  // The response of an unexpected error has its request id only.
  const internal = () => new HitagiError("INTERNAL", { requestId: request.id });
  return errorResponse(operation, known instanceof HitagiError ? known : internal());
};

const headersOf = (status: number): Record<string, string> => {
  if (status === 401) return { "www-authenticate": "Bearer" };
  return status === 429 ? { "retry-after": "60" } : {};
};

/** Sends an error. It is logged with its cause where the server is at fault. */
export const sendError = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const { status, body } = responseTo(error, request);
  request.errorCode = body.code ?? null;
  if (status >= 500) request.log[isHitagiError(error) ? "warn" : "error"]({ err: error }, body.error);
  return reply.code(status).headers(headersOf(status)).type("application/json; charset=utf-8").send(body);
};

const notFound = (request: FastifyRequest): HitagiError =>
  new HitagiError("ROUTE_NOT_FOUND", { method: request.method, path: pathOf(request) });

/** Makes every error of the app a failure of the contract's form. */
export const setUpErrors = (app: FastifyInstance): void => {
  app.decorateRequest("errorCode", null);
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply));
  app.setNotFoundHandler((request, reply) => sendError(notFound(request), request, reply));
  // The handler alone would wait for the request's body.
  app.addHook("onRequest", (request, _reply, done) => done(request.is404 ? notFound(request) : undefined));
};
