import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import type { Readable } from "node:stream";
import type { HitagiError } from "@hitagi/contract";
import { LRUCache } from "lru-cache";
import type { Dispatcher, Pool } from "undici";
import { allowedAddresses, type Lookup } from "./addresses.ts";
import type { Reach } from "./granted-hosts.ts";
import { loadUndici } from "./undici.ts";

/** An answer whose body is still to be read. */
export type Answer = Pick<Dispatcher.ResponseData, "statusCode" | "statusText" | "headers"> & {
  body: Readable;
};

/** Makes requests to one origin. */
export interface Connection {
  request(options: Dispatcher.RequestOptions): Promise<Answer>;
}

/** Connections to addresses that were checked before, and to no others. */
export interface Connections<C extends Connection = Connection> {
  /** For one plugin, one origin and these very addresses. */
  to(namespace: string, origin: string, addresses: readonly LookupAddress[]): Promise<C>;
  close(): Promise<void>;
}

/** Pools kept for reuse. An idle pool closes its sockets after the keep-alive time. */
const MAX_POOLS = 64;
const KEEP_ALIVE_MS = 5000;
const CONNECT_MS = 10_000;
const MAX_HEADER_BYTES = 64 * 1024;

/** Resolves every name to the checked addresses, so that no second lookup can give another one. */
export const pinned =
  (addresses: readonly LookupAddress[]): LookupFunction =>
  (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all || first === undefined) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };

/**
 * Keeps pools by plugin, origin and addresses, so that a connection is reused only for a request of the same plugin whose
 * own check gave the same addresses. Proxies of the environment are not used.
 */
export const createConnections = (): Connections<Pool> => {
  const pools = new LRUCache<string, Pool>({
    max: MAX_POOLS,
    dispose: (pool, _key, reason) => {
      if (reason === "evict") void pool.close();
    },
  });
  const optionsFor = (addresses: readonly LookupAddress[]): Pool.Options => ({
    connections: 8,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    connect: { lookup: pinned(addresses), timeout: CONNECT_MS },
  });
  return {
    async to(namespace, origin, addresses) {
      const { Pool } = await loadUndici();
      const key = [namespace, origin, ...addresses.map(({ address }) => address).sort()].join(" ");
      const pool = pools.get(key) ?? new Pool(origin, optionsFor(addresses));
      pools.set(key, pool);
      return pool;
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
      pools.clear();
    },
  };
};

/** A plugin's request, and what its grants say of its address. */
export interface GrantedTarget {
  namespace: string;
  url: URL;
  /** undefined where the host is not granted. */
  reach: Reach | undefined;
  /** The error for an address that must not be reached. */
  denied: (reason: string) => HitagiError;
  notGranted: string;
  signal: AbortSignal;
}

/**
 * Opens the connection for a plugin's request after these checks, in this order: the scheme, no credentials in the
 * address, the grant of the host, every address of its name.
 * @throws HitagiError CAPABILITY_DENIED, or what the lookup throws
 */
export const connectGranted = async <C extends Connection>(
  { connections, lookup }: { connections: Connections<C>; lookup: Lookup },
  { namespace, url, reach, denied, notGranted, signal }: GrantedTarget,
): Promise<C> => {
  if (url.protocol !== "http:" && url.protocol !== "https:") throw denied("only http and https are allowed");
  if (url.username || url.password) throw denied("the address has a user name or password in it");
  if (reach === undefined) throw denied(notGranted);
  const addresses = await allowedAddresses(url.hostname, reach, lookup, signal);
  return connections.to(namespace, url.origin, addresses);
};
