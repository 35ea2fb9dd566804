import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { HitagiError } from "@hitagi/contract";
import { isPublic, readAddress } from "./public-address.ts";

/** Where a request goes next, and the headers that only its own origin may see. */
export interface Hop {
  url: URL;
  /** A token, for instance. */
  privateHeaders: Record<string, string>;
}

export const MAX_REDIRECTS = 5;

/** The statuses of RFC 9110 §15.4 that send a GET elsewhere. */
const STATUSES = new Set([301, 302, 303, 307, 308]);

export const isRedirect = (status: number): boolean => STATUSES.has(status);

/** Whether the address of before should not be used any more (RFC 9110 §15.4.2, §15.4.9). */
export const isPermanent = (status: number): boolean => status === 301 || status === 308;

const refused = (reason: string) => new HitagiError("SOURCE_REDIRECT", { reason });

/**
 * The hop that a redirect asks for. Headers of the caller stay with the origin that they were meant for.
 * @param location the Location header
 * @throws HitagiError SOURCE_REDIRECT where the address is none, not http(s), or falls back from https to http
 */
export const nextHop = (from: Hop, location: string | string[] | undefined): Hop => {
  if (typeof location !== "string") throw refused("it names no single address");
  if (!URL.canParse(location, from.url.href)) throw refused("it names no valid address");
  const url = new URL(location, from.url);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refused(`to a ${url.protocol} address`);
  if (from.url.protocol === "https:" && url.protocol === "http:") throw refused("from https to http");
  return { url, privateHeaders: url.origin === from.url.origin ? from.privateHeaders : {} };
};

const leadsInside = (): HitagiError => refused("into the local network");

const isPublicText = (text: string): boolean => {
  const address = readAddress(text);
  return address !== undefined && isPublic(address);
};

/**
 * Whether a redirect went to another host than the one that the owner named. The owner may name any host; a registry's
 * keeper must not choose one inside the owner's network for the server to call.
 * @throws HitagiError SOURCE_REDIRECT where that host is an address that is not public; of names see `publicLookup`
 */
export const isElsewhere = (from: URL, to: URL): boolean => {
  if (to.hostname === from.hostname) return false;
  if (readAddress(to.hostname) && !isPublicText(to.hostname)) throw leadsInside();
  return true;
};

/** Resolves a name for a connection, and fails with SOURCE_REDIRECT where any of its addresses is not public. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error) callback(error, []);
    else if (!first || !addresses.every(({ address }) => isPublicText(address))) callback(leadsInside(), []);
    else if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
