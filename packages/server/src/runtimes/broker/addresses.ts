import type { LookupAddress } from "node:dns";
import { lookup as systemLookup } from "node:dns/promises";
import { isIP } from "node:net";
import { HitagiError } from "@hitagi/contract";
import ipaddr from "ipaddr.js";
import type { Reach } from "./granted-hosts.ts";

/** Resolves a name to every address that it has. */
export type Lookup = (hostname: string) => Promise<LookupAddress[]>;

/** The operating system's resolver, with its hosts file. */
export const lookupAll: Lookup = (hostname) => systemLookup(hostname, { all: true });

const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");
const NAT64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");

/** The IPv4 address that an IPv6 address stands for (RFC 4291 §2.5.5.2, RFC 6052 §2.1), or the address itself. */
const meant = (address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 => {
  if (!(address instanceof ipaddr.IPv6)) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  return address.match(NAT64) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address;
};

/** Only what is known to be public is public: an unknown range of IPv6 is not. */
const isPublic = (address: ipaddr.IPv4 | ipaddr.IPv6): boolean =>
  address.range() === "unicast" && (address instanceof ipaddr.IPv4 || address.match(GLOBAL_IPV6));

/** Whether a name whose grant has this reach may lead to this address. */
export const isReachable = (text: string, reach: Reach): boolean => {
  if (!ipaddr.isValid(text)) return false;
  const address = meant(ipaddr.parse(text));
  const range = address.range();
  if (reach === "loopback") return range === "loopback";
  if (reach === "local") return isPublic(address) || range === "private" || range === "uniqueLocal";
  return isPublic(address);
};

/** A lookup cannot be stopped, but nobody has to wait for it. */
const resolved = (host: string, lookup: Lookup, signal: AbortSignal): Promise<LookupAddress[]> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    lookup(host)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", abort));
  });

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
  const addresses = await resolved(host, lookup, signal);
  if (addresses.length > 0 && addresses.every(({ address }) => isReachable(address, reach))) return addresses;
  throw new HitagiError("CAPABILITY_DENIED", {
    action: `reach ${host}`,
    reason:
      addresses.length > 0 ? "its name leads to an address that is not public" : "its name has no address",
  });
};
