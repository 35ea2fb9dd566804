import { HitagiError } from "@hitagi/contract";
import { REDIS_SCHEMES } from "./redis/address.ts";
import { openSqliteStore } from "./sqlite/open.ts";

export { foreignSchema } from "./sqlite/check-schema.ts";

import type { Store, StoreOptions } from "./types.ts";

interface Driver {
  open(location: string, options: StoreOptions): Promise<Store>;
  /** The file of a store that only one server may use. */
  file?(location: string): string;
}

/** Loads ioredis, most of a megabyte, only when it is used. */
const redisAt = (scheme: string): Driver => ({
  open: async (place, options) =>
    (await import("./redis/open.ts")).openRedisStore(`${scheme}${place}`, options),
});

/** The drivers by the scheme of `HITAGI_STORE`; each takes what follows the scheme. */
const drivers: Record<string, Driver> = {
  "sqlite:": { open: openSqliteStore, file: (location) => location },
  ...Object.fromEntries(REDIS_SCHEMES.map((scheme) => [scheme, redisAt(scheme)])),
};

/** The driver that an address names. @throws HitagiError CONFIG_INVALID for an unknown scheme */
const driverOf = (address: string): { driver: Driver; location: string } => {
  for (const [scheme, driver] of Object.entries(drivers)) {
    if (address.startsWith(scheme)) return { driver, location: address.slice(scheme.length) };
  }
  const reason = `it begins with none of ${Object.keys(drivers).join(", ")}`;
  throw new HitagiError("CONFIG_INVALID", { name: "HITAGI_STORE", reason });
};

/** The file of a store; undefined if it is on a server. @throws HitagiError CONFIG_INVALID */
export const storeFile = (address: string): string | undefined => {
  const { driver, location } = driverOf(address);
  return driver.file?.(location);
};

/**
 * Opens a store.
 * @param address in the form of `HITAGI_STORE`
 * @throws HitagiError CONFIG_INVALID for an unknown scheme, and what the driver throws
 */
export const openStore = async (address: string, options: StoreOptions = {}): Promise<Store> => {
  const { driver, location } = driverOf(address);
  return driver.open(location, options);
};

/** Opens what `copy` of a store wrote. @throws what the SQLite driver throws */
export const openStoreCopy = (file: string): Promise<Store> => openSqliteStore(file, {});
