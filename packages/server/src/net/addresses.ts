import type { LookupAddress } from "node:dns";
import { lookup as systemLookup } from "node:dns/promises";
import { isIP } from "node:net";
import { HitagiError } from "@hitagi/contract";
import { untilAborted } from "../async/deadline.ts";
import type { Reach } from "./granted-hosts.ts";
import { isPublic, readAddress } from "./public-address.ts";

/** Resolves a name to every address that it has. */
export type Lookup = (hostname: string) => Promise<LookupAddress[]>;

/** The operating system's resolver, with its hosts file. */
export const lookupAll: Lookup = (hostname) => systemLookup(hostname, { all: true });

/** Whether a name whose grant has this reach may lead to this address. */
export const isReachable = (text: string, reach: Reach): boolean => {
  const address = readAddress(text);
  if (!address) return false;
  const range = address.range();
  if (reach === "loopback") return range === "loopback";
  if (reach === "local") return isPublic(address) || range === "private" || range === "uniqueLocal";
  return isPublic(address);
};

/**
 * The addresses to connect to for a host: all that its name has, once each of them is known to be allowed.
 * One that is not allowed refuses the whole name, so that an answer cannot hide it among others.
 * @throws HitagiError CAPABILITY_DENIED; what the lookup throws
 */
export const allowedAddresses = async (
  host: string,
  reach: Reach,
  lookup: Lookup,
  signal: AbortSignal,
): Promise<LookupAddress[]> => {
  if (reach === "itself") return [{ address: host, family: isIP(host) }];
  signal.throwIfAborted();
  // A lookup cannot be stopped; it is only not waited for.
  const addresses = await untilAborted(lookup(host), signal);
  if (addresses.length > 0 && addresses.every(({ address }) => isReachable(address, reach))) return addresses;
  throw new HitagiError("CAPABILITY_DENIED", {
    action: `reach ${host}`,
    reason:
      addresses.length > 0 ? "its name leads to an address that is not public" : "its name has no address",
  });
};
