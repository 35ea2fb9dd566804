import { type LookupAddress, lookup as lookupWithCallback } from "node:dns";
import { lookup as systemLookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import os from "node:os";
import { HitagiError } from "@hitagi/contract";
import ipaddr from "ipaddr.js";
import { untilAborted } from "../async/deadline.ts";
import type { Reach } from "./granted-hosts.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");
const NAT64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");

/** The IPv4 address that an IPv6 address embeds (RFC 4291 §2.5.5.2, RFC 6052 §2.1), or the address itself. */
const embedded = (address: Address): Address => {
  if (!(address instanceof ipaddr.IPv6)) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  return address.match(NAT64) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address;
};

/** A host of a URL, without the brackets of an IPv6 address. */
const withoutBrackets = (host: string): string => host.replace(/^\[(.*)\]$/, "$1");

/** The address that a host is; undefined for a name. */
export const readAddress = (text: string): Address | undefined => {
  const plain = withoutBrackets(text);
  return ipaddr.isValid(plain) ? embedded(ipaddr.parse(plain)) : undefined;
};

/** Whether an address is public. An unknown range of IPv6 is not. */
export const isPublic = (address: Address): boolean =>
  address.range() === "unicast" && (address instanceof ipaddr.IPv4 || address.match(GLOBAL_IPV6));

/** Whether an address is one of this machine's network interfaces. */
const isOwn = (address: Address): boolean => {
  const text = address.toNormalizedString();
  return Object.values(os.networkInterfaces()).some((addresses) =>
    addresses?.some((one) => readAddress(one.address)?.toNormalizedString() === text),
  );
};

/** Resolves a name to every address that it has. */
export type Lookup = (hostname: string) => Promise<LookupAddress[]>;

/** The operating system's resolver, with its hosts file. */
export const lookupAll: Lookup = (hostname) => systemLookup(hostname, { all: true });

/**
 * Whether a host that was granted this reach may have this address. A name of the public internet opens this machine no more than
 * the local network, also where the machine has a public address.
 */
export const isReachable = (text: string, reach: Reach): boolean => {
  const address = readAddress(text);
  if (!address) return false;
  const range = address.range();
  if (reach === "loopback") return range === "loopback";
  if (reach === "local") return isPublic(address) || range === "private" || range === "uniqueLocal";
  return isPublic(address) && !isOwn(address);
};

/**
 * All addresses of a host, if each of them is allowed. One that is not refuses the host, so that a DNS answer cannot hide it
 * among others.
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
  const address = withoutBrackets(host);
  const family = isIP(address);
  // A lookup cannot be stopped; it is only not waited for.
  const addresses = family > 0 ? [{ address, family }] : await untilAborted(lookup(host), signal);
  if (addresses.length > 0 && addresses.every((found) => isReachable(found.address, reach))) return addresses;
  throw new HitagiError("CAPABILITY_DENIED", {
    action: `reach ${host}`,
    reason:
      addresses.length > 0
        ? "its name leads to an address that is not public, or this machine's own"
        : "its name has no address",
  });
};

/** The error for a redirect of a source to an address that is not public, or this machine's own. */
export const leadsInside = (): HitagiError =>
  new HitagiError("SOURCE_REDIRECT", { reason: "into the local network" });

/** Resolves a name for a connection; fails with SOURCE_REDIRECT where one of its addresses is not public. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookupWithCallback(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error) callback(error, []);
    else if (!first || !addresses.every(({ address }) => isReachable(address, "public"))) {
      callback(leadsInside(), []);
    } else if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
