import type { EndOptions, Role, TransferEnd } from "./end.ts";
import { openSqliteEnd } from "./sqlite.ts";

const SQLITE = "sqlite:";

/**
 * Opens a store, by an address as `HITAGI_STORE` has it, as an end of a copy.
 * @throws HitagiError what its driver throws
 */
export const openEnd = async (place: string, role: Role, options: EndOptions): Promise<TransferEnd> => {
  if (place.startsWith(SQLITE)) return openSqliteEnd(place.slice(SQLITE.length), role, options);
  const { openRedisEnd } = await import("./redis.ts");
  return openRedisEnd(place, role, options);
};
