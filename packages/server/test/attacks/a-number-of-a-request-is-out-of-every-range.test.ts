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
  "-1e308",
  "99999999999999999999",
  "1e-320",
  "1,000",
  "१",
  "[1]",
  "",
  "null",
];

/** Out of the range of a whole number, and in that of the others. */
const FRACTIONS = ["1.5", "1e-320"];

const requests = operations.flatMap(([id, route]) =>
  (["params", "query"] as const).flatMap((part) => {
    const schema = route[part] as Schema | undefined;
    return Object.entries(schema?.properties ?? {})
      .filter(([, { type }]) => type === "integer" || type === "number")
      .map(([name, schema]) => [id, part, name, schema] as const);
  }),
);

/** A request with one number, where all other parts of the path are an id of their kind, or 1. */
const ask = (route: Route, part: string, name: string, value: string) => {
  const given = encodeURIComponent(value);
  const isOfArchive = route.path.startsWith("/api/archives/");
  const others: Record<string, string> = { id: isOfArchive ? "0".repeat(40) : "REG_1700000000" };
  const partOf = (at: string) => (part === "params" && at === name ? given : (others[at] ?? "1"));
  const path = route.path.replace(/:(\w+)/g, (_, at) => partOf(at));
  const url = part === "query" ? `${path}?${name}=${given}` : path;
  return { method: route.method, url, headers: bearer(KEY) };
};

test.each(requests)("%s refuses such numbers in its %s %s, and names it", async (id, part, name, schema) => {
  const route: Route = api[id];
  for (const value of BEYOND) {
    // The least priority is below zero.
    if (value === "-1" && name === "priority") continue;
    if (schema.type === "number" && FRACTIONS.includes(value)) continue;
    const answer = await server.http.inject(ask(route, part, name, value));
    const { code, errors = [] } = answer.json();
    if (part === "params" && value === "") continue;
    expect([answer.statusCode, code], value).toEqual([400, "VALIDATION_FAILED"]);
    const at = `/${part === "params" ? "path" : "query"}/${name}`;
    expect(errors.map(({ path }: { path: string }) => path)).toContain(at);
    expect(answer.json().error).toContain(at);
  }
});

test.each(requests.filter(([id]) => api[id].method === "GET"))(
  "%s takes the smallest and the largest value of its %s %s",
  async (id, part, name, schema) => {
    for (const value of [schema.minimum, schema.maximum]) {
      const request = ask(api[id], part, name, String(value));
      // The answer may be a stream without an end.
      const answer = await server.http.inject({ ...request, payloadAsStream: true });
      expect([200, 404], `${value}`).toContain(answer.statusCode);
      answer.stream().destroy();
    }
  },
);

test("a setting refuses such a number in JSON and in a form", async () => {
  const params = { namespace: "filename-parse" };
  for (const value of ["1e308", "1e400", "9007199254740993"]) {
    const payload = `{"keep_rest":${value}}`;
    const headers = { "content-type": "application/json" };
    const answer = await server.call("putSettings", { params, payload, headers });
    expect([answer.status, answer.body.code]).toEqual([400, "VALIDATION_FAILED"]);
  }
});
