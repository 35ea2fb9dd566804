import type { Endpoint, EndpointOptions, Role } from "./endpoint.ts";
import { openSqliteEndpoint } from "./sqlite.ts";

const SQLITE = "sqlite:";

/**
 * Opens a store as an endpoint of a copy, by an address in the form of `HITAGI_STORE`.
 * @throws HitagiError what its driver throws
 */
export const openEndpoint = async (
  place: string,
  role: Role,
  options: EndpointOptions,
): Promise<Endpoint> => {
  if (place.startsWith(SQLITE)) return openSqliteEndpoint(place.slice(SQLITE.length), role, options);
  const { openRedisEndpoint } = await import("./redis.ts");
  return openRedisEndpoint(place, role, options);
};
