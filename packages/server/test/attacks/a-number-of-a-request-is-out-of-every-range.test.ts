import { type Api, api, type OperationId, type Route } from "@hitagi/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bearer, KEY, openTestServer, type TestServer } from "../http/test-server.ts";

interface Schema {
  type?: string;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  anyOf?: Schema[];
  items?: Schema;
  patternProperties?: Record<string, Schema>;
}

const operations = Object.entries(api) as [OperationId, Api[OperationId] & Route][];

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

/** Every number in a schema, with its path. */
const numbersIn = (schema: Schema, path: string): [string, Schema][] => [
  ...(schema.type === "integer" || schema.type === "number" ? [[path, schema] as [string, Schema]] : []),
  ...Object.entries({ ...schema.properties, ...schema.patternProperties }).flatMap(([name, part]) =>
    numbersIn(part, `${path}/${name}`),
  ),
  ...(schema.anyOf ?? []).flatMap((part) => numbersIn(part, path)),
  ...(schema.items ? numbersIn(schema.items, path) : []),
];

test.each(operations)("each number that %s takes has a smallest and a largest value", (_id, route) => {
  const parts = { params: route.params, query: route.query, body: route.body };
  const open = Object.entries(parts)
    .flatMap(([part, schema]) => (schema ? numbersIn(schema as Schema, part) : []))
    .filter(([, { minimum, maximum }]) => !(minimum !== undefined && Number(maximum) < 2 ** 53));
  expect(open).toEqual([]);
});

const BEYOND = [
  "1e308",
  "Infinity",
  "-Infinity",
  "NaN",
  "-1",
  "-0.5",
  "1.5",
  "9007199254740993",
  "1e400",
  "",
  "null",
];

const requests = operations.flatMap(([id, route]) =>
  (["params", "query"] as const).flatMap((part) => {
    const schema = route[part] as Schema | undefined;
    return Object.entries(schema?.properties ?? {})
      .filter(([, { type }]) => type === "integer")
      .map(([name]) => [id, part, name] as const);
  }),
);

test.each(requests)("%s refuses such numbers in its %s %s as what they are", async (id, part, name) => {
  const route: Route = api[id];
  for (const value of BEYOND) {
    // The least priority is below zero.
    if (value === "-1" && name === "priority") continue;
    const path = route.path.replace(/:(\w+)/g, (_, at) => (part === "params" && at === name ? value : "1"));
    const url = part === "query" ? `${path}?${name}=${value}` : path;
    const answer = await server.http.inject({ method: route.method, url, headers: bearer(KEY) });
    const { code } = answer.json();
    if (part === "params" && value === "") continue;
    expect([answer.statusCode, code], url).toEqual([400, "VALIDATION_FAILED"]);
  }
});

test("a setting refuses such a number in JSON and in a form", async () => {
  const params = { namespace: "filename-parse" };
  for (const value of ["1e308", "1e400", "9007199254740993"]) {
    const payload = `{"keep_rest":${value}}`;
    const headers = { "content-type": "application/json" };
    const answer = await server.call("putSettings", { params, payload, headers });
    expect([answer.status, answer.body.code]).toEqual([400, "VALIDATION_FAILED"]);
  }
});
