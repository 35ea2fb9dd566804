import { getPublicSuffix } from "tldts";

/**
 * Whether a granted host is a wildcard over a public suffix (publicsuffix.org): names under it belong to any number of
 * owners, as in `*.com`, `*.co.uk` and `*.github.io`.
 */
export const isPublicSuffixWildcard = (granted: string): boolean => {
  const [, host] = /^\*\.([^:]+)/.exec(granted.toLowerCase()) ?? [];
  return host !== undefined && getPublicSuffix(host, { allowPrivateDomains: true }) === host;
};
