import { type Api, api, type OperationId, type Route } from "@hitagi/contract";
import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PAGE_FILES, PAGE_PLACES } from "../../src/http/routes/page.ts";
import { expectToMatch } from "./expect-to-match.ts";
import { openTestServer, type TestServer } from "./test-server.ts";

const operations = Object.entries(api) as [OperationId, Api[OperationId] & Route][];

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

describe("the contract's operations", () => {
  it("are all registered, and nothing else but the pages", () => {
    for (const [id, route] of operations) {
      expect(server.http.hasRoute({ method: route.method, url: route.path }), id).toBe(true);
    }
    const tree = server.http.printRoutes({ commonPrefix: false, includeMeta: false });
    const methods = [...tree.matchAll(/\(([A-Z, ]+)\)$/gm)].flatMap((m) => m[1]?.split(", ") ?? []);
    // The page at `/` and its places, each with all below it, its files with and without a hash.
    const page = 1 + 2 * PAGE_PLACES.length + PAGE_FILES.length + 1;
    // openapi.json, the page of the docs, and all below it, which an app of its own answers.
    const docs = 3;
    const aliases = operations.flatMap(([, { alias }]) => alias ?? []);
    for (const url of aliases) expect(server.http.hasRoute({ method: "POST", url }), url).toBe(true);
    expect(methods.filter((m) => m !== "HEAD")).toHaveLength(
      operations.length + aliases.length + page + docs,
    );
  });

  it("are exactly those of the OpenAPI document", async () => {
    const { paths } = (await server.http.inject("/api/openapi.json")).json();
    const described = Object.entries<Record<string, { operationId: string }>>(paths).flatMap(
      ([path, methods]) =>
        Object.entries(methods).map(([method, { operationId }]) => `${operationId} ${method} ${path}`),
    );
    const wanted = operations.map(
      ([id, route]) => `${id} ${route.method.toLowerCase()} ${route.path.replace(/:(\w+)/g, "{$1}")}`,
    );
    expect(described.sort()).toEqual(wanted.sort());
  });

  it.each(operations)("%s needs a key unless it is public", async (_id, route) => {
    const url = route.path
      .replace(":job", "1")
      .replace(":namespace", "copytags")
      .replace(":name", "nobody")
      .replace(":type", "all")
      .replace(/registries\/(.*):id/, "registries/$1REG_0000000000")
      .replace(":id", "0".repeat(40));
    const answer = await server.http.inject({ method: route.method, url });
    if (route.open) {
      expect(answer.statusCode).not.toBe(401);
      expectToMatch(route, answer.statusCode, answer.json());
      return;
    }
    expect(answer.statusCode).toBe(401);
    expect(answer.headers["www-authenticate"]).toBe("Bearer");
    expectToMatch(route, 401, answer.json());
  });
});

describe("the OpenAPI document", () => {
  it("is valid OpenAPI 3.1", async () => {
    const text = (await server.http.inject("/api/openapi.json")).body;
    const outcome = await new Validator().validate(JSON.parse(text));
    expect(outcome).toEqual({ valid: true });
    expect(JSON.parse(text).openapi).toBe("3.1.0");
    expect(text).not.toMatch(/"~\w/);
  });

  it("describes path parameters, the key, the uploaded file and the failures", async () => {
    const { paths, components } = (await server.http.inject("/api/openapi.json")).json();
    for (const [path, methods] of Object.entries<
      Record<string, { parameters?: { name: string; in: string }[] }>
    >(paths)) {
      const wanted = [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]);
      for (const { parameters = [] } of Object.values(methods)) {
        expect(parameters.filter((p) => p.in === "path").map((p) => p.name)).toEqual(wanted);
      }
    }
    expect(components.securitySchemes.key).toMatchObject({ type: "http", scheme: "bearer" });
    expect(paths["/api/registries"].post.security).toEqual([{ key: ["manage"] }]);
    expect(paths["/api/info"].get.security).toEqual([]);
    const upload = paths["/api/archives/upload"].put;
    expect(upload.requestBody.content["multipart/form-data"].schema).toEqual({
      $ref: "#/components/schemas/UploadArchiveBody",
    });
    expect(components.schemas.UploadArchiveBody.properties.file).toMatchObject({ type: "string" });
    expect(Object.keys(upload.responses)).toEqual(["200", "4XX", "5XX"]);
  });
});
