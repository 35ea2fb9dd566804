import type { Services } from "../services.ts";

/** Reads the names of registries. @returns the name of a registry by its id; of one that was removed, its id */
export const registryNames = async ({
  registries,
}: Pick<Services, "registries">): Promise<(id: string) => string> => {
  const names = new Map<string, string>((await registries.list()).map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? id;
};

/** The field `registryNames` of an answer that has only the ids of registries. */
export const namesById = (nameOf: (id: string) => string, ids: readonly string[]): Record<string, string> =>
  Object.fromEntries(ids.map((id) => [id, nameOf(id)]));
