import formbody from "@fastify/formbody";
import { HitagiError } from "@hitagi/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Limits } from "./limits.ts";
import type { Takes } from "./route-config.ts";

/** The media types that each kind of body may come as. */
export const mediaTypes: Record<Takes, readonly string[]> = {
  nothing: [],
  json: ["application/json"],
  fields: ["application/x-www-form-urlencoded"],
  file: ["multipart/form-data"],
  any: ["application/x-www-form-urlencoded", "multipart/form-data"],
};

const takes = (request: FastifyRequest): Takes => request.routeOptions.config.takes ?? "nothing";

/** Whether the request says that a body follows (RFC 9112 §6.3). */
const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

/**
 * Refuses a body of another kind than the call takes. A call that takes none ignores what comes.
 * @throws HitagiError UNSUPPORTED_MEDIA_TYPE
 */
export const checkMediaType = (request: FastifyRequest): void => {
  const wanted = takes(request);
  if (wanted === "nothing" || (wanted !== "file" && !hasBody(request))) return;
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase() ?? "";
  const allowed = mediaTypes[wanted];
  if (allowed.includes(type)) return;
  throw new HitagiError("UNSUPPORTED_MEDIA_TYPE", { type: type || "none", wanted: allowed.join(" or ") });
};

/** Makes no body an empty one, so that each missing field is named. */
export const fillBody = (request: FastifyRequest): void => {
  if (request.body === undefined && takes(request) !== "file") request.body = {};
};

/** Reads bodies: JSON and urlencoded forms; anything else only so that it can be ignored. */
export const setUpBodies = async (app: FastifyInstance, limits: Limits): Promise<void> => {
  await app.register(formbody, { bodyLimit: limits.bodyBytes });
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.removeContentTypeParser(["application/json", "text/plain"]);
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    // Clients send the header without a body on calls that take none, or whose fields are all optional.
    if (body === "" || takes(request) === "nothing") done(null, undefined);
    else void parseJson(request, body as string, done);
  });
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, _body, done) => done(null, undefined));
};
