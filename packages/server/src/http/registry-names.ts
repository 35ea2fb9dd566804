import {
  api,
  comparableText,
  HitagiError,
  RegistryId,
  RegistryReference,
  type Route,
} from "@hitagi/contract";
import type { FastifyInstance, preValidationHookHandler } from "fastify";
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

/** What is meant as an id. LANraragi refuses one of another length as not valid. */
const ID_LIKE = /^(?:REG_.*|\d+)$/;

/** LANraragi's calls with an id in the path. It knows no names, and its clients expect 400 for all that is no id. */
const OF_LANRARAGI: ReadonlySet<string> = new Set([
  "get_registry",
  "update_registry",
  "delete_registry",
  "refresh_registry",
  "update_ougi",
]);

/**
 * The id of the registry with a name. What is no name of a registry and no valid name stays, for the validation to refuse.
 * @param refusesNames whether a name that no registry has is refused by the validation too
 */
const idOf = async ({ list }: Registries, name: string, refusesNames: boolean): Promise<string> => {
  const named = (await list()).filter((registry) => comparableText(registry.name) === comparableText(name));
  const [found, another] = named;
  if (another)
    throw new HitagiError("REGISTRY_AMBIGUOUS", { name, ids: named.map(({ id }) => id).join(", ") });
  if (found) return found.id;
  if (!refusesNames && !ID_LIKE.test(name) && Value.Check(RegistryReference, name))
    throw new HitagiError("REGISTRY_NOT_FOUND", { id: name });
  return name;
};

const replaceNames = async (
  registries: Registries,
  part: unknown,
  names: string[],
  refusesNames = false,
): Promise<void> => {
  if (typeof part !== "object" || part === null) return;
  const values = part as Record<string, unknown>;
  for (const name of names) {
    const value = values[name];
    if (typeof value !== "string" || Value.Check(RegistryId, value)) continue;
    if (value !== "") values[name] = await idOf(registries, value, refusesNames);
  }
};

/**
 * Replaces the names of registries in paths and JSON bodies by their ids, before the request is validated. Only the operations that
 * refer to a registry have this hook.
 * @throws HitagiError REGISTRY_AMBIGUOUS; REGISTRY_NOT_FOUND for a name that no registry has, but in the paths of LANraragi's calls
 */
export const acceptRegistryNames = (app: FastifyInstance, registries: Registries): void => {
  app.addHook("onRoute", (options) => {
    const { id } = options.config ?? {};
    if (id === undefined) return;
    const route: Route = api[id];
    const [params, body] = [referencesIn(route.params), referencesIn(route.body)];
    if (params.length + body.length === 0) return;
    const replace: preValidationHookHandler = (request, _reply, done) => {
      replaceNames(registries, request.params, params, OF_LANRARAGI.has(route.operation))
        .then(() => replaceNames(registries, request.body, body))
        .then(() => done(), done);
    };
    options.preValidation = [replace, ...[options.preValidation ?? []].flat()];
  });
};
