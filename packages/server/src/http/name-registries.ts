import type { Services } from "../services.ts";

/** The names of registries by their ids, for an answer that has only these; of one that was removed, its id. */
export const nameRegistries = async (
  { registries }: Pick<Services, "registries">,
  ids: readonly string[],
): Promise<{ registryNames: Record<string, string> }> => {
  const names = new Map((await registries.list()).map(({ id, name }) => [id as string, name]));
  return { registryNames: Object.fromEntries(ids.map((id) => [id, names.get(id) ?? id])) };
};
