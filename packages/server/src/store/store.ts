import { HitagiError } from "@hitagi/contract";
import type { Config } from "../config.ts";
import { openSqliteStore } from "./sqlite/open.ts";
import type { Store } from "./types.ts";

export interface StoreOptions {
  /** Told of work in the background that failed; nothing is lost by it. */
  onError?: (error: unknown) => void;
}

/** The drivers by the scheme of `HITAGI_STORE`; each takes what follows the scheme. */
const drivers: Record<string, (location: string, options: StoreOptions) => Promise<Store>> = {
  "sqlite:": openSqliteStore,
};

/**
 * Opens the store that the configuration names.
 * @throws HitagiError CONFIG_INVALID for an unknown scheme, and what the driver throws
 */
export const openStore = async (
  config: Pick<Config, "store">,
  options: StoreOptions = {},
): Promise<Store> => {
  for (const [scheme, open] of Object.entries(drivers)) {
    if (config.store.startsWith(scheme)) return open(config.store.slice(scheme.length), options);
  }
  const known = Object.keys(drivers).join(", ");
  throw new HitagiError("CONFIG_INVALID", {
    name: "HITAGI_STORE",
    reason: `it begins with none of ${known}`,
  });
};
