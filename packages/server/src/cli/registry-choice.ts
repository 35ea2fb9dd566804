import type { Client, Registry } from "@hitagi/contract";
import { UsageError } from "./failure.ts";

/**
 * The registry with this id or name.
 * @throws UsageError if none or several match
 */
export const chooseRegistry = async (client: Client, text: string): Promise<Registry> => {
  const { registries } = await client.listRegistries({});
  const byId = registries.find((r) => r.id === text);
  const named = byId ? [byId] : registries.filter((r) => r.name.toLowerCase() === text.toLowerCase());
  const [found, another] = named;
  if (found && !another) return found;
  if (!found)
    throw new UsageError(`There is no registry ${text}.`, "List the registries with `hitagi registry list`.");
  const ids = named.map((r) => r.id).join(", ");
  throw new UsageError(`Several registries are named ${text}.`, `Use its id: ${ids}.`);
};

/**
 * The registry to install a plugin from: the only one that offers it, or the default one.
 * @throws UsageError if several offer it and none is the default
 */
export const offeringRegistry = async (client: Client, namespace: string): Promise<string> => {
  const [{ offers }, fallback] = await Promise.all([
    client.getAvailable({ params: { namespace } }),
    client.getDefaultRegistry({}),
  ]);
  const ids = offers.map((o) => o.registry);
  const [first, another] = ids;
  if (ids.includes(fallback.id)) return fallback.id;
  if (first !== undefined && another === undefined) return first;
  throw new UsageError(
    `Several registries offer ${namespace}: ${ids.join(", ")}.`,
    "Choose one with --registry, or set a default with `hitagi registry default <registry>`.",
  );
};

/** Registry names by id, for tables. */
export const registryNames = async (client: Client): Promise<(id: string | null) => string | null> => {
  const { registries } = await client.listRegistries({});
  const names = new Map(registries.map((r) => [r.id, r.name]));
  return (id) => (id === null ? null : (names.get(id) ?? id));
};
