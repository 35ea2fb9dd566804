import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { api, type Route } from "../src/index.ts";

const routes: [string, Route][] = Object.entries(api);

/** The parts of a call that a client fills in: path, query and body. */
const parts = ({ params, query, body }: Route): [string, TSchema][] =>
  Object.entries({ params, query, body }).flatMap(([part, schema]) => (schema ? [[part, schema]] : []));

const describes = (schema: unknown): boolean =>
  typeof (schema as { description?: unknown }).description === "string";

test.each(routes)("%s describes each parameter and each property of its body", (_id, route) => {
  const undescribed = parts(route).flatMap(([part, schema]) => {
    const { properties } = schema as { properties?: Record<string, unknown> };
    if (!properties) return describes(schema) ? [] : [part];
    return Object.entries(properties).flatMap(([name, value]) => (describes(value) ? [] : `${part}.${name}`));
  });
  expect(undescribed, 'give each a `description: "…"`, or `described("…", Schema)`').toEqual([]);
});

test.each(routes.filter(([, { body }]) => body))(
  "%s has an example of its body that is valid",
  (_id, route) => {
    const { body, example } = route;
    expect(Object.keys(example ?? {}), "it shows at least one property").not.toEqual([]);
    expect([...Value.Errors(body as TSchema, example)]).toEqual([]);
  },
);

test.each(routes)("%s has a path with exactly its parameters", (_id, { path, params }) => {
  const named = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name);
  const { properties = {} } = (params ?? {}) as { properties?: object };
  expect(Object.keys(properties)).toEqual(named);
});
