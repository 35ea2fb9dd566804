import { api, type Route } from "@hitagi/contract";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { openApiDocument } from "../../src/http/openapi.ts";
import { exampleOf } from "../../src/http/openapi-example.ts";

const { components, paths, servers } = JSON.parse(JSON.stringify(openApiDocument()));

/** Where each object schema is written out, by its text. */
const placesOfSchemas = (): Map<string, string[]> => {
  const places = new Map<string, string[]>();
  const look = (value: unknown, place: string): void => {
    if (typeof value !== "object" || value === null) return;
    if ("properties" in value && "type" in value && value.type === "object") {
      const text = JSON.stringify({ ...value, description: undefined });
      places.set(text, [...(places.get(text) ?? []), place]);
    }
    for (const [name, below] of Object.entries(value)) look(below, `${place}/${name}`);
  };
  look({ components, paths }, "");
  return places;
};

test("the OpenAPI document names its schemas, and writes none of them out twice", () => {
  const { schemas } = components;
  expect(schemas.Registry.properties.id).toEqual({ $ref: "#/components/schemas/RegistryId" });
  const { items } = schemas.ListRegistriesResponse.properties.registries;
  expect(items).toEqual({ $ref: "#/components/schemas/Registry" });
  const repeated = [...placesOfSchemas().values()].filter((places) => places.length > 1);
  expect(repeated, "export the schema from packages/contract/src: its name there is its name here").toEqual(
    [],
  );
  for (const [place] of placesOfSchemas().values()) expect(place).toMatch(/^\/components\/schemas\//);
});

test("a text without a form of its own has no name, and texts of one form have the names of their kinds", () => {
  const { schemas } = components;
  expect(schemas.Failure.properties.error).toEqual({ type: "string" });
  for (const [name, { type, ...form }] of Object.entries<{ type?: string }>(schemas))
    if (type === "string") expect(Object.keys(form), name).not.toEqual([]);
  expect(schemas.KeyInfo.properties.name).toEqual({ $ref: "#/components/schemas/KeyName" });
  expect(schemas.BlockList.properties.name).toEqual({ $ref: "#/components/schemas/BlockListName" });
});

test("every reference of the OpenAPI document leads to a schema, and every schema is used", () => {
  const text = JSON.stringify({ components, paths });
  const referred = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
  expect([...new Set(referred)].sort()).toEqual(Object.keys(components.schemas).sort());
});

test("every call of the OpenAPI document has described parameters, an example of its body, and the server", () => {
  expect(servers).toEqual([{ url: "/", description: expect.any(String) }]);
  for (const methods of Object.values<Record<string, Call>>(paths)) {
    for (const { operationId, description, parameters, requestBody } of Object.values(methods)) {
      expect(description, operationId).toMatch(/^Needs /);
      for (const parameter of parameters) expect(parameter.description, parameter.name).toMatch(/\w/);
      for (const { schema, example } of Object.values(requestBody?.content ?? {})) {
        expect([operationId, schema.$ref]).toEqual([operationId, expect.stringMatching(/^#/)]);
        expect(Object.keys(example), operationId).not.toEqual([]);
      }
    }
  }
});

test.each(Object.entries<Route>(api).filter(([, { media }]) => media === undefined))(
  "the example of an answer of %s is made from its schema, and valid",
  (_id, { response }) => {
    const example = exampleOf(response);
    expect([...Value.Errors(response, example)]).toEqual([]);
    expect(JSON.stringify(example).length).toBeLessThan(8000);
  },
);

interface Call {
  operationId: string;
  description: string;
  parameters: { name: string; description: string }[];
  requestBody?: { content: Record<string, { schema: { $ref?: string }; example: object }> };
}
