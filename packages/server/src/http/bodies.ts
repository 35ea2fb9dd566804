import formbody from "@fastify/formbody";
import multipart from "@fastify/multipart";
import { HitagiError } from "@hitagi/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Limits } from "./limits.ts";
import type { Takes } from "./route-config.ts";

const mediaTypes: Record<Exclude<Takes, "nothing">, string> = {
  json: "application/json",
  fields: "application/x-www-form-urlencoded",
  file: "multipart/form-data",
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
  if (type === mediaTypes[wanted]) return;
  throw new HitagiError("UNSUPPORTED_MEDIA_TYPE", { type: type || "none", wanted: mediaTypes[wanted] });
};

/** Makes no body an empty one, so that each missing field is named. */
export const fillBody = (request: FastifyRequest): void => {
  if (request.body === undefined && takes(request) !== "file") request.body = {};
};

/** Reads bodies: JSON, forms and uploads; anything else only so that it can be ignored. */
export const setUpBodies = async (app: FastifyInstance, limits: Limits): Promise<void> => {
  await app.register(formbody, { bodyLimit: limits.bodyBytes });
  await app.register(multipart, {
    // An upload that grows too large is refused by whoever reads it, with the limit in words.
    throwFileSizeLimit: false,
    limits: { fieldSize: limits.bodyBytes, fields: 20, files: 1, parts: 30 },
  });
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.removeContentTypeParser(["application/json", "text/plain"]);
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    // Clients send the header without a body on calls that take none, or whose fields are all optional.
    if (body === "" || takes(request) === "nothing") done(null, undefined);
    else parseJson(request, body as string, done);
  });
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, _body, done) => done(null, undefined));
};
