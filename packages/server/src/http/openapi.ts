import { api, Failure, type OperationId, type Route } from "@hitagi/contract";
import { type TProperties, type TSchema, Type } from "typebox";
import { version } from "../version.ts";
import { exampleOf } from "./openapi-example.ts";
import { createNamedSchemas, type NamedSchemas } from "./openapi-schemas.ts";
import { bodyKindOf, mediaTypes } from "./request-body.ts";

const tags: Record<Route["tag"], string> = {
  registries: "Where plugins come from",
  catalog: "What the registries offer",
  plugins: "What is installed, and its use",
  archives: "What plugins work on",
  categories: "Groups of archives",
  jobs: "Work that runs after its call was answered",
  schedules: "Work that starts at set times",
  notifications: "Messages to people and programs elsewhere",
  keys: "Who may make calls",
  server: "The server itself",
};

type Part = TSchema & { properties?: TProperties; required?: string[] };

/** The path or query parameters of a call. */
const parametersOf = (part: Part | undefined, place: "path" | "query", schemas: NamedSchemas) =>
  Object.entries(part?.properties ?? {}).map(([name, property]) => {
    const { description, ...schema } = property as TSchema & { description?: string };
    return {
      name,
      in: place,
      required: part?.required?.includes(name) ?? false,
      description,
      schema: schemas.refer(schema),
    };
  });

const file = Type.String({
  contentMediaType: "application/octet-stream",
  description: "The bytes of the file.",
});

const requestBodyOf = (id: string, route: Route, schemas: NamedSchemas) => {
  if (!route.body) return {};
  const isUpload = route.form === "file";
  const body: Part = isUpload
    ? Type.Object({ ...(route.body as Part).properties, file })
    : (route.body as Part);
  const schema = schemas.name(`${id}Body`, body);
  const example = { ...route.example, ...(isUpload && { file: "(the bytes of the file)" }) };
  const content = Object.fromEntries(
    mediaTypes[bodyKindOf(route)].map((type) => [type, { schema, example }]),
  );
  return { requestBody: { required: (body.required?.length ?? 0) > 0, content } };
};

const responsesOf = (id: string, { media, response }: Route, schemas: NamedSchemas) => ({
  200: {
    description: "What the call answers.",
    content: {
      [media ?? "application/json"]: {
        schema: schemas.name(`${id}Response`, response),
        ...(media === undefined && { example: exampleOf(response) }),
      },
    },
  },
  "4XX": { $ref: "#/components/responses/Refused" },
  "5XX": { $ref: "#/components/responses/Failed" },
});

const operationOf = (id: OperationId, schemas: NamedSchemas) => {
  const route: Route = api[id];
  const name = `${id.charAt(0).toUpperCase()}${id.slice(1)}`;
  return {
    operationId: id,
    summary: route.summary,
    description: [
      route.scope ? `Needs a key of the scope \`${route.scope}\`.` : "Needs no key.",
      route.storeless ? "The server's first key may call it while the store cannot be reached." : "",
    ]
      .join(" ")
      .trim(),
    tags: [route.tag],
    // OpenAPI 3.1 lists required roles here, also for schemes other than OAuth.
    security: route.scope ? [{ key: [route.scope] }] : [],
    parameters: [
      ...parametersOf(route.params, "path", schemas),
      ...parametersOf(route.query, "query", schemas),
    ],
    ...requestBodyOf(name, route, schemas),
    responses: responsesOf(name, route, schemas),
  };
};

const pathsOf = (schemas: NamedSchemas) => {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const id of Object.keys(api) as OperationId[]) {
    const { path, method } = api[id];
    const place = path.replace(/:(\w+)/g, "{$1}");
    paths[place] = { ...paths[place], [method.toLowerCase()]: operationOf(id, schemas) };
  }
  return paths;
};

const failure = (description: string, schemas: NamedSchemas) => ({
  description: `${description}; \`code\` says why and \`hint\` what to do.`,
  content: { "application/json": { schema: schemas.refer(Failure) } },
});

const describeCalls = () => {
  const schemas = createNamedSchemas();
  const paths = pathsOf(schemas);
  const responses = {
    Refused: failure("The request was refused", schemas),
    Failed: failure("The server, a registry or a plugin failed", schemas),
  };
  return { paths, responses, schemas: schemas.all() };
};

/** The OpenAPI document of all calls, made from the contract. The calls are described when they are first read, not at a server's start. */
export const openApiDocument = () => {
  let described: ReturnType<typeof describeCalls> | undefined;
  const calls = () => {
    described ??= describeCalls();
    return described;
  };
  return {
    openapi: "3.1.0",
    info: {
      title: "Hitagi",
      version,
      description: "A plugin registry and plugin host, compatible with LANraragi's plugin registry.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "The server that this document comes from" }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    get paths() {
      return calls().paths;
    },
    components: {
      get schemas() {
        return calls().schemas;
      },
      get responses() {
        return calls().responses;
      },
      securitySchemes: {
        key: {
          type: "http",
          scheme: "bearer",
          description: "The base64 of an API key, of the scope that the call names.",
        },
      },
    },
  };
};
