import { getPublicSuffix } from "tldts";

/** Services where everybody has names: `192.0.2.1.nip.io` leads to 192.0.2.1. The public suffix list does not have them. */
const ADDRESS_IN_NAME = ["nip.io", "sslip.io", "xip.io", "traefik.me"];

/**
 * Whether a granted host is a wildcard over a public suffix (publicsuffix.org), or over names that hold their address: names
 * under it belong to any number of owners, as in `*.com`, `*.co.uk`, `*.github.io` and `*.nip.io`.
 */
export const isPublicSuffixWildcard = (granted: string): boolean => {
  const [, host] = /^\*\.([^:]+)/.exec(granted.toLowerCase()) ?? [];
  if (host === undefined) return false;
  return ADDRESS_IN_NAME.includes(host) || getPublicSuffix(host, { allowPrivateDomains: true }) === host;
};
