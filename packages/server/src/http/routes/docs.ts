import { HitagiError } from "@hitagi/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { openApiDocument } from "../openapi.ts";
import { pathOf } from "../request.ts";

const PAGE = "/api/docs";

/** The headers that this server sets for each of its answers. */
const OWN_HEADERS: ReadonlySet<string> = new Set(["connection", "content-length", "date", "keep-alive"]);

/** Serves the OpenAPI document as JSON and as a page. */
export const setUpDocs = (app: FastifyInstance): void => {
  const document = openApiDocument();
  let json: string | undefined;
  app.get("/api/openapi.json", { schema: { hide: true } }, (_request, reply) => {
    json ??= JSON.stringify(document);
    return reply.type("application/json; charset=utf-8").send(json);
  });

  let opened: Promise<FastifyInstance> | undefined;
  /** Its libraries take a fifth of a server's start to load, so they are loaded when the page is first opened. */
  const open = (): Promise<FastifyInstance> => {
    opened ??= import("../docs-page.ts").then(({ createDocsPage }) => createDocsPage(document, PAGE));
    return opened;
  };
  const sendPage = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const page = await open();
    const { url, headers } = request;
    const answer = await page.inject({ method: "GET", url, headers: headers as Record<string, string> });
    const { statusCode, rawPayload } = answer;
    if (statusCode === 404)
      throw new HitagiError("ROUTE_NOT_FOUND", { method: request.method, path: pathOf(request) });
    for (const [name, value] of Object.entries(answer.headers))
      if (value !== undefined && !OWN_HEADERS.has(name)) reply.header(name, value);
    return reply.code(statusCode).send(rawPayload.length > 0 ? rawPayload : undefined);
  };
  app.get(PAGE, { schema: { hide: true } }, sendPage);
  app.get(`${PAGE}/*`, { schema: { hide: true } }, sendPage);
  app.addHook("onClose", async () => (await opened)?.close());
};
