import formbody from "@fastify/formbody";
import { HitagiError, type Route } from "@hitagi/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { sendError } from "./errors.ts";
import type { Limits } from "./limits.ts";
import type { BodyKind } from "./request.ts";

export const mediaTypes: Record<BodyKind, readonly string[]> = {
  none: [],
  json: ["application/json"],
  optional: ["application/json"],
  urlencoded: ["application/x-www-form-urlencoded"],
  multipart: ["multipart/form-data"],
  form: ["application/x-www-form-urlencoded", "multipart/form-data"],
};

const kindOfForm = { fields: "urlencoded", file: "multipart", any: "form" } as const;

export const bodyKindOf = ({ form, body, optionalBody }: Route): BodyKind => {
  if (form) return kindOfForm[form];
  if (optionalBody) return "optional";
  return body ? "json" : "none";
};

const kindOf = (request: FastifyRequest): BodyKind => request.routeOptions.config.bodyKind ?? "none";

/** Whether the headers announce a body (RFC 9112 §6.3). */
const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

const mediaTypeOf = ({ headers }: FastifyRequest): string =>
  headers["content-type"]?.split(";")[0]?.trim().toLowerCase() ?? "";

/** Refuses a body of another type than the operation's, if it has any. @throws UNSUPPORTED_MEDIA_TYPE */
export const checkMediaType = (request: FastifyRequest): void => {
  const kind = kindOf(request);
  if (kind === "none" || kind === "optional" || (kind !== "multipart" && !hasBody(request))) return;
  const type = mediaTypeOf(request);
  const allowed = mediaTypes[kind];
  if (allowed.includes(type)) return;
  throw new HitagiError("UNSUPPORTED_MEDIA_TYPE", { type: type || "none", wanted: allowed.join(" or ") });
};

/** Replaces a missing or ignored body by an empty one, so that the validation names each missing field. */
export const fillBody = (request: FastifyRequest): void => {
  if (kindOf(request) === "optional" && mediaTypeOf(request) !== "application/json") request.body = {};
  if (request.body === undefined && kindOf(request) !== "multipart") request.body = {};
};

/** Sends 408 and closes the connection: the rest of the body would be read as the next request. */
const timeOut = (request: FastifyRequest, reply: FastifyReply, ms: number): void => {
  // An operation without a body never reads the end of one, however long it runs.
  if (reply.sent || request.raw.complete) return;
  reply.raw.once("finish", () => request.raw.destroy());
  reply.header("connection", "close");
  sendError(new HitagiError("REQUEST_TIMEOUT", { seconds: Math.ceil(ms / 1000) }), request, reply);
};

/** Limits the time of a JSON or form body, so that a slow client holds no connection. Uploads may take hours. */
export const limitBodyTime = (request: FastifyRequest, reply: FastifyReply, ms: number): void => {
  const { raw } = request;
  if (raw.complete || !hasBody(request) || kindOf(request) === "multipart") return;
  const timer = setTimeout(() => timeOut(request, reply, ms), ms);
  const stop = () => clearTimeout(timer);
  raw.once("end", stop).once("close", stop);
};

/**
 * Closes the connection of a request that was answered before its body arrived. The client has some time to read the answer
 * while it sends, because many clients read only then.
 */
export const limitUnreadBody = (request: FastifyRequest, ms: number): void => {
  const { raw } = request;
  if (raw.complete || !hasBody(request)) return;
  const timer = setTimeout(() => raw.complete || raw.destroy(), ms);
  raw.once("close", () => clearTimeout(timer));
};

/** Sets up the parsers of JSON and urlencoded bodies. Every other body is read and ignored. */
export const setUpBodyParsers = async (app: FastifyInstance, limits: Limits): Promise<void> => {
  await app.register(formbody, { bodyLimit: limits.bodyBytes });
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.removeContentTypeParser(["application/json", "text/plain"]);
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    // Clients send the header without a body where the operation has none or all fields are optional.
    if (body === "" || kindOf(request) === "none") done(null, undefined);
    else void parseJson(request, body as string, done);
  });
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, _body, done) => done(null, undefined));
};
