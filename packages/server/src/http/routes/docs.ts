import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { api } from "@hitagi/contract";
import type { FastifyContextConfig, FastifyInstance } from "fastify";
import { type TProperties, type TSchema, Type } from "typebox";
import { version } from "../../version.ts";
import { mediaTypes } from "../bodies.ts";

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

const tags = [
  { name: "registries", description: "Where plugins come from" },
  { name: "catalog", description: "What the registries offer" },
  { name: "plugins", description: "What is installed, and its use" },
  { name: "archives", description: "What plugins work on" },
  { name: "jobs", description: "Work that runs after its call was answered" },
  { name: "keys", description: "Who may make calls" },
  { name: "server", description: "The server itself" },
];

/** A multipart form as OpenAPI describes it: its fields, and the file as bytes. */
const formSchema = (fields: TSchema | undefined): TSchema =>
  Type.Object({
    ...(fields as { properties?: TProperties } | undefined)?.properties,
    file: Type.Unsafe({ type: "string", contentMediaType: "application/octet-stream" }),
  });

const outcomes: Record<string, string> = {
  "200": "What the call answers.",
  "4xx": "The request was refused; `code` says why and `hint` what to do.",
  "5xx": "The server, a registry or a plugin failed; `code` says why and `hint` what to do.",
};

const describeResponses = (responses: Record<string, TSchema>) =>
  Object.fromEntries(
    Object.entries(responses).map(([status, schema]) => [
      status,
      { ...schema, "x-response-description": outcomes[status] },
    ]),
  );

/** Adds to a route's schema what only its description needs. */
const describe = (schema: Record<string, unknown>, config: FastifyContextConfig | undefined) => {
  const { id, takes = "nothing" } = config ?? {};
  if (id === undefined) return { ...schema, hide: true };
  const route = api[id];
  const body = "body" in route ? route.body : undefined;
  const form = (takes === "file" && { body: formSchema(body) }) || (takes === "any" && { body });
  const response = describeResponses(schema.response as Record<string, TSchema>);
  return { ...schema, response, ...form, ...(takes !== "nothing" && { consumes: mediaTypes[takes] }) };
};

/** Describes every route that is registered after it, and serves the description as JSON and as a page. */
export const setUpDocs = async (app: FastifyInstance): Promise<void> => {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Hitagi",
        version,
        description: "A plugin registry and plugin host, compatible with LANraragi's plugin registry.",
        license: { name: "MIT", identifier: "MIT" },
      },
      tags,
      components: {
        securitySchemes: {
          key: {
            type: "http",
            scheme: "bearer",
            description: "The base64 of an API key, of the scope that the call names.",
          },
        },
      },
    },
    transform: ({ schema, url, route }) => ({ schema: describe({ ...schema }, route.config), url }),
  });
  await app.register(swaggerUi, {
    routePrefix: "/api/docs",
    // Without the bar at the top, which carries other projects' marks.
    uiConfig: { validatorUrl: null, layout: "BaseLayout" },
    logo: { type: "image/svg+xml", content: "" },
    staticCSP: policy,
    theme: { title: "Hitagi: the calls of the API" },
  });
  let written: string | undefined;
  app.get("/api/openapi.json", { schema: { hide: true } }, (_request, reply) => {
    written ??= JSON.stringify(app.swagger());
    return reply.type("application/json; charset=utf-8").send(written);
  });
};
