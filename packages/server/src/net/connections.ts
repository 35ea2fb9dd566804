import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { Pool } from "undici";

/** Connections that go to addresses that were checked before, and nowhere else. */
export interface Connections {
  /** A pool for one plugin, one origin and these very addresses. */
  to(namespace: string, origin: string, addresses: readonly LookupAddress[]): Pool;
  close(): Promise<void>;
}

/** Pools kept for reuse; one that is not in use holds no socket for longer than the keep-alive time. */
const MAX_POOLS = 64;
const KEEP_ALIVE_MS = 5000;
const CONNECT_MS = 10_000;
const MAX_HEADER_BYTES = 64 * 1024;

/** Answers the checked addresses whatever is asked, so that no second resolution can give another one. */
const pinned =
  (addresses: readonly LookupAddress[]): LookupFunction =>
  (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all || first === undefined) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };

/**
 * Keeps pools by plugin, origin and addresses. A connection is thus only used again for a request whose own check
 * gave the same addresses, and never for another plugin. Proxies of the environment are not used.
 */
export const createConnections = (): Connections => {
  const pools = new Map<string, Pool>();
  const open = (origin: string, addresses: readonly LookupAddress[]) =>
    new Pool(origin, {
      connections: 8,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      connect: { lookup: pinned(addresses), timeout: CONNECT_MS },
    });
  const dropOldest = () => {
    const [oldest] = pools;
    if (pools.size <= MAX_POOLS || oldest === undefined) return;
    pools.delete(oldest[0]);
    void oldest[1].close();
  };
  return {
    to(namespace, origin, addresses) {
      const key = [namespace, origin, ...addresses.map(({ address }) => address).sort()].join(" ");
      const pool = pools.get(key) ?? open(origin, addresses);
      pools.delete(key);
      pools.set(key, pool);
      dropOldest();
      return pool;
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
      pools.clear();
    },
  };
};
