import { HitagiError } from "@hitagi/contract";
import { isReachable, leadsInside, readAddress } from "../net/addresses.ts";
import type { Agents } from "../net/http-agents.ts";
import { type HopPolicy, type Location, type RedirectFault, redirectTarget } from "../net/http-redirects.ts";

/** A request for a file of a source. */
export interface Hop {
  url: URL;
  /** Headers for its own origin only, for example a token. */
  privateHeaders: Record<string, string>;
}

const refused = (reason: string) => new HitagiError("SOURCE_REDIRECT", { reason });

const REASONS: Record<RedirectFault, (to: URL | undefined) => string> = {
  "several addresses": () => "it names no single address",
  "no address": () => "it names no valid address",
  "another scheme": (to) => `to a ${to?.protocol} address`,
  "leaves https": () => "from https to http",
};

export const noLocation = (): HitagiError => refused("it names no single address");

/** The redirected request; private headers stay with their origin. @throws HitagiError SOURCE_REDIRECT */
export const nextHop = (from: Hop, location: Location): Hop => {
  const url = redirectTarget(from.url, location, (fault, to) => refused(REASONS[fault](to)));
  return { url, privateHeaders: url.origin === from.url.origin ? from.privateHeaders : {} };
};

/**
 * Whether a redirect leads to another host or port than those that the owner named. From http to https, the default port of
 * one is that of the other: web servers send their visitors so, and the certificate proves the host. The owner may name any host;
 * the keeper of a registry must not choose a service in the owner's network.
 * @throws HitagiError SOURCE_REDIRECT where that host is an address that is not public; names are checked when they are resolved
 */
const isElsewhere = (from: URL, to: URL): boolean => {
  if (to.host === from.host) return false;
  if (readAddress(to.hostname) && !isReachable(to.hostname, "public")) throw leadsInside();
  return true;
};

/** Redirects of a source may lead to any public address. */
export const hopPolicy = (agents: Agents): HopPolicy<Hop> => ({
  connect: async ({ url }, first) => (isElsewhere(first.url, url) ? agents.elsewhere() : agents.named()),
  maxRedirects: 5,
  tooMany: () => refused("more than 5 times"),
  redirect: (from, _status, location) => nextHop(from, location),
});
