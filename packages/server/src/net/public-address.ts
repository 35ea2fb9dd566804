import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");
const NAT64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");

/** The IPv4 address that an IPv6 address stands for (RFC 4291 §2.5.5.2, RFC 6052 §2.1), or the address itself. */
const meant = (address: Address): Address => {
  if (!(address instanceof ipaddr.IPv6)) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  return address.match(NAT64) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address;
};

/** The address that a text leads to, without the brackets that an IPv6 address has in a URL; undefined for a name. */
export const readAddress = (text: string): Address | undefined => {
  const plain = text.replace(/^\[(.*)\]$/, "$1");
  return ipaddr.isValid(plain) ? meant(ipaddr.parse(plain)) : undefined;
};

/** Only what is known to be public is public: an unknown range of IPv6 is not. */
export const isPublic = (address: Address): boolean =>
  address.range() === "unicast" && (address instanceof ipaddr.IPv4 || address.match(GLOBAL_IPV6));
