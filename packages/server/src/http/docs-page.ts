import swagger, { type StaticDocumentSpec } from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import Fastify, { type FastifyInstance } from "fastify";
import { noCompilers } from "./no-compilers.ts";

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

/**
 * The page of the API as an app of its own, which does not listen.
 * @param document the OpenAPI document
 * @param routePrefix the address of the page
 */
export const createDocsPage = async (document: object, routePrefix: string): Promise<FastifyInstance> => {
  const app = Fastify({ exposeHeadRoutes: false, schemaController: noCompilers });
  // The plugin's types do not know OpenAPI 3.1.
  const specification = { document } as unknown as StaticDocumentSpec;
  await app.register(swagger, { mode: "static", specification });
  await app.register(swaggerUi, {
    routePrefix,
    // This layout has no top bar, which shows other projects' logos.
    uiConfig: { validatorUrl: null, layout: "BaseLayout" },
    logo: { type: "image/svg+xml", content: "" },
    staticCSP: policy,
    theme: { title: "Hitagi: the calls of the API" },
  });
  await app.ready();
  return app;
};
