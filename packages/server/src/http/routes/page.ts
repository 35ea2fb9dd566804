import { HitagiError } from "@hitagi/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isKnown } from "../etag.ts";
import { createPageFiles, type PageFile } from "../page-files.ts";
import { pathOf } from "../request.ts";

/** The first parts of the page's own addresses. Each is answered with the page, which shows what the rest names. */
export const PAGE_PLACES = [
  "plugins",
  "browse",
  "registries",
  "library",
  "activity",
  "server",
  "welcome",
  "invite",
] as const;

/** Its files that have no hash in their names. All others are in `/assets/`. */
export const PAGE_FILES = ["mark.svg", "page.webmanifest", "theme.js"] as const;

/**
 * What the page may load: nothing but this server's own files. Styles are files too; the components set sizes and places through the
 * CSSOM, which needs no exception. `trusted-types` names the one policy that may make HTML of a text: the sanitiser's.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types dompurify",
].join("; ");

const YEAR = 365 * 24 * 3600;

/** A weight of 0 refuses an encoding (RFC 9110 §12.4.2). */
const REFUSED = /;\s*q=0(?:\.0{0,3})?\s*$/i;

const acceptedEncodings = (header = ""): ReadonlySet<string> =>
  new Set(
    header
      .split(",")
      .filter((one) => !REFUSED.test(one))
      .map((one) => (one.split(";", 1)[0] ?? "").trim().toLowerCase()),
  );

const send = (request: FastifyRequest, reply: FastifyReply, file: PageFile): FastifyReply => {
  const accepted = acceptedEncodings(request.headers["accept-encoding"]);
  const encoding = file.encodings.find((name) => accepted.has(name)) ?? "identity";
  const etag = file.etagAs(encoding);
  reply
    .type(file.type)
    .header("etag", etag)
    .header("vary", "accept-encoding")
    .header("cache-control", file.isHashed ? `public, max-age=${YEAR}, immutable` : "no-cache")
    .header("content-security-policy", policy)
    .header("referrer-policy", "same-origin")
    .header("cross-origin-opener-policy", "same-origin")
    .header("cross-origin-resource-policy", "same-origin");
  if (isKnown(request.headers["if-none-match"], etag)) return reply.code(304).send();
  if (encoding !== "identity") reply.header("content-encoding", encoding);
  return reply.send(file.bytesAs(encoding));
};

const NOT_BUILT = "The page is not built. Run: npm run build\n";

/** Serves the page: its files, and itself at each of its own addresses. Every other address stays as it was. */
export const pageRoutes = (app: FastifyInstance, folder: string): void => {
  const fileAt = createPageFiles(folder);
  const hidden = { schema: { hide: true } };
  const sendIndex = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const index = fileAt("/index.html");
    return index
      ? send(request, reply, index)
      : reply.code(503).type("text/plain; charset=utf-8").send(NOT_BUILT);
  };
  app.get("/", hidden, sendIndex);
  for (const place of PAGE_PLACES) {
    app.get(`/${place}`, hidden, sendIndex);
    app.get(`/${place}/*`, hidden, sendIndex);
  }
  const sendFile = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const file = fileAt(pathOf(request));
    if (file) return send(request, reply, file);
    throw new HitagiError("ROUTE_NOT_FOUND", { method: request.method, path: pathOf(request) });
  };
  for (const name of PAGE_FILES) app.get(`/${name}`, hidden, sendFile);
  app.get("/assets/:name", hidden, sendFile);
};
