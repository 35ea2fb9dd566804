import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { api } from "@hitagi/contract";
import type { FastifyContextConfig, FastifyInstance } from "fastify";
import { type TProperties, type TSchema, Type } from "typebox";
import { version } from "../../version.ts";
import { mediaTypes } from "../request-body.ts";

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
  { name: "categories", description: "Groups of archives" },
  { name: "jobs", description: "Work that runs after its call was answered" },
  { name: "schedules", description: "Work that starts at set times" },
  { name: "keys", description: "Who may make calls" },
  { name: "server", description: "The server itself" },
];

/** A multipart form in OpenAPI: its fields, and the file as bytes. */
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

/** Adds the parts of a route's schema that only OpenAPI needs. */
const describe = (schema: Record<string, unknown>, config: FastifyContextConfig | undefined) => {
  const { id, bodyKind = "none" } = config ?? {};
  if (id === undefined) return { ...schema, hide: true };
  const route = api[id];
  const body = "body" in route ? route.body : undefined;
  const form = (bodyKind === "multipart" && { body: formSchema(body) }) || (bodyKind === "form" && { body });
  const response = describeResponses(schema.response as Record<string, TSchema>);
  return { ...schema, response, ...form, ...(bodyKind !== "none" && { consumes: mediaTypes[bodyKind] }) };
};

/** Describes every route that is registered later, and serves the OpenAPI description as JSON and as a page. */
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
    // This layout has no top bar, which shows other projects' logos.
    uiConfig: { validatorUrl: null, layout: "BaseLayout" },
    logo: { type: "image/svg+xml", content: "" },
    staticCSP: policy,
    theme: { title: "Hitagi: the calls of the API" },
  });
  let json: string | undefined;
  app.get("/api/openapi.json", { schema: { hide: true } }, (_request, reply) => {
    json ??= JSON.stringify(app.swagger());
    return reply.type("application/json; charset=utf-8").send(json);
  });
};
