import { openSqliteEnd } from "../sqlite/transfer/open.ts";
import type { EndOptions, Role, TransferEnd } from "./end.ts";

const SQLITE = "sqlite:";

/**
 * Opens a store, by an address as `HITAGI_STORE` has it, as an end of a copy.
 * @throws HitagiError what its driver throws
 */
export const openEnd = async (place: string, role: Role, options: EndOptions): Promise<TransferEnd> => {
  if (place.startsWith(SQLITE)) return openSqliteEnd(place.slice(SQLITE.length), role, options);
  const { openRedisEnd } = await import("../redis/transfer/open.ts");
  return openRedisEnd(place, role, options);
};
