import swagger, { type StaticDocumentSpec } from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { openApiDocument } from "../openapi.ts";

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join("; ");

/** Serves the OpenAPI document as JSON and as a page. */
export const setUpDocs = async (app: FastifyInstance): Promise<void> => {
  const document = openApiDocument();
  // The plugin's types do not know OpenAPI 3.1.
  const specification = { document } as unknown as StaticDocumentSpec;
  await app.register(swagger, { mode: "static", specification });
  await app.register(swaggerUi, {
    routePrefix: "/api/docs",
    // This layout has no top bar, which shows other projects' logos.
    uiConfig: { validatorUrl: null, layout: "BaseLayout" },
    logo: { type: "image/svg+xml", content: "" },
    staticCSP: policy,
    theme: { title: "Hitagi: the calls of the API" },
  });
  let json: string | undefined;
  app.get("/api/openapi.json", { schema: { hide: true } }, (_request, reply) => {
    json ??= JSON.stringify(document);
    return reply.type("application/json; charset=utf-8").send(json);
  });
};
