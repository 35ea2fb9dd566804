import ipaddr from "ipaddr.js";

interface Failures {
  since: number;
  count: number;
  keys: Set<string>;
}

/** How many wrong keys an address may send in a window of so many milliseconds. */
export const FAILED_KEYS = { limit: 10, windowMs: 60_000, addresses: 10_000 };

/** One customer's IPv6 addresses count as one: whoever has one of a /64 has them all. */
const networkOf = (address: string): string => {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(":") : parsed.toString();
};

/** What is known of wrong keys, by address. */
export interface FailedKeys {
  /** Notes a wrong key; answers whether its address has now sent too many. */
  add(address: string, digest: string): boolean;
  /** Whether the address tries out keys, so that even a right one is not looked at for the rest of the window. */
  guessing(address: string): boolean;
}

/**
 * Counts wrong keys in a fixed window. Any wrong key counts towards the limit; only *different* wrong keys make an
 * address a guesser. So a forgotten script with an old key never locks its owner out, and yet no address learns
 * of more than `limit` keys a window whether they are right.
 */
export const createFailedKeys = (rule = FAILED_KEYS, now: () => number = Date.now): FailedKeys => {
  const failures = new Map<string, Failures>();
  const current = (address: string): Failures | undefined => {
    const found = failures.get(networkOf(address));
    return found && now() - found.since < rule.windowMs ? found : undefined;
  };
  const begin = (address: string): Failures => {
    const fresh = { since: now(), count: 0, keys: new Set<string>() };
    const oldest = failures.size >= rule.addresses ? failures.keys().next().value : undefined;
    if (oldest !== undefined) failures.delete(oldest);
    failures.delete(networkOf(address));
    failures.set(networkOf(address), fresh);
    return fresh;
  };
  return {
    add: (address, digest) => {
      const entry = current(address) ?? begin(address);
      entry.count += 1;
      if (entry.keys.size < rule.limit) entry.keys.add(digest);
      return entry.count > rule.limit;
    },
    // Nearly always nobody has failed, and then no address need be read.
    guessing: (address) => failures.size > 0 && (current(address)?.keys.size ?? 0) >= rule.limit,
  };
};
