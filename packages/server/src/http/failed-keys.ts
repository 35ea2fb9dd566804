import { setTimeout as sleep } from "node:timers/promises";
import ipaddr from "ipaddr.js";
import { LRUCache } from "lru-cache";

interface Failures {
  since: number;
  count: number;
}

/**
 * `limit` wrong keys of an address in `windowMs` are answered at once, later ones after `delayMs`. `addresses` and
 * `delayed` bound the memory.
 */
export const FAILED_KEYS = { limit: 10, windowMs: 60_000, delayMs: 1000, addresses: 10_000, delayed: 200 };

/** The /64 of an IPv6 address counts as one address, because one customer has all of it. */
const networkOf = (address: string | undefined): string => {
  // A Unix socket has no address.
  if (address === undefined || !ipaddr.isValid(address)) return String(address);
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(":") : parsed.toString();
};

/**
 * Counts the wrong keys of each address in a fixed window, and delays the answers to those beyond the limit. It never
 * refuses a right key: another user of the same address, or a page in a browser on it, must not lock its owner out.
 */
export const createFailedKeys = (rule = FAILED_KEYS, now: () => number = Date.now) => {
  const failures = new LRUCache<string, Failures>({ max: rule.addresses });
  let delayed = 0;
  const entryOf = (network: string): Failures => {
    const found = failures.get(network);
    if (found && now() - found.since < rule.windowMs) return found;
    const started = { since: now(), count: 0 };
    failures.set(network, started);
    return started;
  };
  return {
    /** Records a wrong key. @returns whether its address has sent too many, after the delay if so */
    add: async (address: string | undefined): Promise<boolean> => {
      const entry = entryOf(networkOf(address));
      entry.count += 1;
      if (entry.count <= rule.limit) return false;
      if (delayed < rule.delayed) {
        delayed += 1;
        await sleep(rule.delayMs, undefined, { ref: false }).finally(() => (delayed -= 1));
      }
      return true;
    },
  };
};
export type FailedKeys = ReturnType<typeof createFailedKeys>;
