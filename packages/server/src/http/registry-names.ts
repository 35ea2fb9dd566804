import { api, comparableText, HitagiError, RegistryId, type Route } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import type { Registries } from "../catalog/types.ts";

type Properties = Record<string, TSchema & { format?: string }>;

const propertiesOf = (schema: TSchema | undefined): Properties =>
  (schema as { properties?: Properties } | undefined)?.properties ?? {};

/** The format of `RegistryReference` in the contract. */
const REFERENCE = "registry";

/** The names of the properties that refer to a registry. */
const referencesIn = (schema: TSchema | undefined): string[] =>
  Object.entries(propertiesOf(schema)).flatMap(([name, { format }]) => (format === REFERENCE ? [name] : []));

/** The schema of a request in which the names of registries have been replaced by their ids. */
export const withRegistryIds = (schema: TSchema): TSchema => {
  const ids = Object.fromEntries(referencesIn(schema).map((name) => [name, RegistryId]));
  return Object.keys(ids).length > 0
    ? { ...schema, properties: { ...propertiesOf(schema), ...ids } }
    : schema;
};

/** The id of the registry with a name. A name that no registry has stays, and is refused as an id that is not valid. */
const idOf = async ({ list }: Registries, name: string): Promise<string> => {
  const named = (await list()).filter((registry) => comparableText(registry.name) === comparableText(name));
  const [found, another] = named;
  if (another)
    throw new HitagiError("REGISTRY_AMBIGUOUS", { name, ids: named.map(({ id }) => id).join(", ") });
  return found?.id ?? name;
};

const replaceNames = async (registries: Registries, part: unknown, names: string[]): Promise<void> => {
  if (typeof part !== "object" || part === null) return;
  const values = part as Record<string, unknown>;
  for (const name of names) {
    const value = values[name];
    if (typeof value !== "string" || Value.Check(RegistryId, value)) continue;
    if (value !== "") values[name] = await idOf(registries, value);
  }
};

/** The properties of each call that refer to a registry, by operation. */
const references = new Map<string, { params: string[]; body: string[] }>();
for (const [id, { params, body }] of Object.entries<Route>(api)) {
  const found = { params: referencesIn(params), body: referencesIn(body) };
  if (found.params.length + found.body.length > 0) references.set(id, found);
}

/**
 * Replaces the names of registries in paths and JSON bodies by their ids, before the request is validated.
 * @throws HitagiError REGISTRY_AMBIGUOUS
 */
export const acceptRegistryNames = (app: FastifyInstance, registries: Registries): void => {
  app.addHook("preValidation", (request, _reply, done) => {
    const { id } = request.routeOptions.config;
    const found = id === undefined ? undefined : references.get(id);
    if (found === undefined) return done();
    replaceNames(registries, request.params, found.params)
      .then(() => replaceNames(registries, request.body, found.body))
      .then(() => done(), done);
  });
};
