import ipaddr from "ipaddr.js";
import { LRUCache } from "lru-cache";

interface Failures {
  since: number;
  count: number;
  keys: Set<string>;
}

/** How many wrong keys an address may send within a window. */
export const FAILED_KEYS = { limit: 10, windowMs: 60_000, addresses: 10_000 };

/** The /64 of an IPv6 address counts as one address, because one customer has all of it. */
const networkOf = (address: string): string => {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(":") : parsed.toString();
};

/**
 * Counts wrong keys in a fixed window. Every wrong key counts towards the limit; only *different* wrong keys are
 * guessing. So a script with an outdated key never locks its owner out, and an address can test at most `limit` keys in
 * a window.
 */
export const createFailedKeys = (rule = FAILED_KEYS, now: () => number = Date.now) => {
  const failures = new LRUCache<string, Failures>({ max: rule.addresses });
  const current = (network: string): Failures | undefined => {
    const found = failures.peek(network);
    return found && now() - found.since < rule.windowMs ? found : undefined;
  };
  const begin = (network: string): Failures => {
    const started = { since: now(), count: 0, keys: new Set<string>() };
    failures.set(network, started);
    return started;
  };
  return {
    /** Records a wrong key. @returns whether its address has sent too many */
    add: (address: string, digest: string): boolean => {
      const network = networkOf(address);
      const entry = current(network) ?? begin(network);
      entry.count += 1;
      if (entry.keys.size < rule.limit) entry.keys.add(digest);
      return entry.count > rule.limit;
    },
    /** Whether the address guesses keys. Its requests are then refused for the rest of the window, also with a right key. */
    isGuessing: (address: string): boolean =>
      // Without failures, the usual case, no address is parsed.
      failures.size > 0 && (current(networkOf(address))?.keys.size ?? 0) >= rule.limit,
  };
};
export type FailedKeys = ReturnType<typeof createFailedKeys>;
