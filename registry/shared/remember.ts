import type { Cache, MetadataResult } from "@hitagi/sdk";

const DAY_SECONDS = 24 * 3600;
const MAX_KEY = 256;

/**
 * What was found under a key within the last day, so that the volumes of one series ask a site once.
 * @param key every setting that changes the result, but no secret, and then the work
 */
export const remember = async (
  cache: Cache,
  key: readonly (string | number | boolean)[],
  find: () => Promise<MetadataResult>,
): Promise<MetadataResult> => {
  const name = JSON.stringify(key).slice(0, MAX_KEY);
  const known = await cache.get<MetadataResult>(name);
  if (known) return known;
  const found = await find();
  await cache.set(name, found, DAY_SECONDS);
  return found;
};
