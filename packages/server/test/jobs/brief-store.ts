import { openRedisStore } from "../../src/store/redis/open.ts";
import { openStore } from "../../src/store/store.ts";
import type { Store } from "../../src/store/types.ts";

/** Claims that end soon, so that a test need not wait for those of a process that it killed. */
export const brief = { claimMs: 1500, pollMs: 20 };

const LOCK_MS = 600;

/** Opens a store by its address; one on Redis with locks that end soon. */
export const openBriefStore = (address: string): Promise<Store> =>
  address.startsWith("redis") ? openRedisStore(address, { lockMs: LOCK_MS }) : openStore(address);
