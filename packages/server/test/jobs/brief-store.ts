import { openRedisStore } from "../../src/store/redis/open.ts";
import { openStore } from "../../src/store/store.ts";
import type { Store } from "../../src/store/types.ts";

/**
 * Short claims, so that a test need not wait long for those of a killed process. Only processes that are killed have them: one
 * that goes on could lose them on a loaded machine.
 */
export const brief = { claimMs: 1500, pollMs: 20 };

const LOCK_MS = 600;

/** Opens a store by its address, with short locks on Redis, for a process that is killed. */
export const openBriefStore = (address: string): Promise<Store> =>
  address.startsWith("redis") ? openRedisStore(address, { lockMs: LOCK_MS }) : openStore(address);
