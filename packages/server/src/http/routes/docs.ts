import { HitagiError } from "@hitagi/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { DocsPage } from "../docs-page.ts";
import { isKnown } from "../etag.ts";
import { openApiDocument } from "../openapi.ts";
import { pathOf } from "../request.ts";

const PAGE = "/api/docs";

/** Serves the OpenAPI document as JSON and as a page. */
export const setUpDocs = (app: FastifyInstance): void => {
  let json: string | undefined;
  app.get("/api/openapi.json", { schema: { hide: true } }, (_request, reply) => {
    json ??= JSON.stringify(openApiDocument());
    return reply.type("application/json; charset=utf-8").send(json);
  });

  let opened: Promise<DocsPage> | undefined;
  /** Its libraries take a fifth of a server's start to load, so they are loaded when the page is first opened. */
  const open = (): Promise<DocsPage> => {
    opened ??= import("../docs-page.ts")
      .then(({ createDocsPage }) => createDocsPage(openApiDocument(), PAGE))
      .catch((error: unknown) => {
        // The next request tries again: there may have been no free file.
        opened = undefined;
        throw error;
      });
    return opened;
  };
  const sendPage = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const path = pathOf(request);
    const file = await (await open()).fileAt(path);
    if (file === undefined) throw new HitagiError("ROUTE_NOT_FOUND", { method: request.method, path });
    reply.headers(file.headers).header("etag", file.etag).header("cache-control", "no-cache");
    if (isKnown(request.headers["if-none-match"], file.etag)) return reply.code(304).send();
    return reply.send(file.bytes);
  };
  app.get(PAGE, { schema: { hide: true } }, sendPage);
  app.get(`${PAGE}/*`, { schema: { hide: true } }, sendPage);
  app.addHook("onClose", async () => (await opened)?.close());
};
