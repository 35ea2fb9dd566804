import type { Dispatcher } from "undici";
import { headerText } from "./header-text.ts";

/**
 * What one client allows on the way to an answer. `Q` is its request, of which a redirect makes the next one; `C` is its kind of
 * connection.
 */
export interface HopPolicy<Q extends { url: URL }, C = Dispatcher> {
  /**
   * Which addresses: opens the connection for a request. `first` is the request that the caller made.
   * @throws where the address must not be reached
   */
  connect(request: Q, first: Q): Promise<C>;
  maxRedirects: number;
  /** The error for one redirect more. */
  tooMany(from: URL): Error;
  /**
   * Which redirects: the request that one leads to; see {@link redirectTarget}.
   * @throws where the redirect must not be followed
   */
  redirect(from: Q, status: number, location: Location): Q;
}

/** A Location header as undici gives it; a list where it was sent more than once. */
export type Location = string | string[];

/** An answer, as far as the way to it is concerned. */
interface Hop {
  status: number;
  /** undefined where a redirect is not to be followed. */
  location: Location | undefined;
}

/** The statuses of RFC 9110 §15.4 that name another address. */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export const isRedirect = (status: number): boolean => REDIRECTS.has(status);

/** Whether the old address should no longer be used (RFC 9110 §15.4.2, §15.4.9). */
export const isPermanent = (status: number): boolean => status === 301 || status === 308;

/**
 * Sends a request and follows its redirects as far as the policy allows. Each hop passes the checks of the policy anew.
 * @param send makes one hop over the connection that `connect` opens, and ends the body of an answer that is a redirect
 * @returns the last answer with its request, and the requests before it, the newest first
 */
export const followRedirects = async <Q extends { url: URL }, H extends Hop, C = Dispatcher>(
  policy: HopPolicy<Q, C>,
  first: Q,
  send: (request: Q, connect: () => Promise<C>) => Promise<H>,
): Promise<{ answer: H; request: Q; earlier: Q[] }> => {
  const earlier: Q[] = [];
  for (let request = first; ; ) {
    const current = request;
    const answer = await send(current, () => policy.connect(current, first));
    const { status, location } = answer;
    if (!isRedirect(status) || location === undefined) return { answer, request, earlier };
    if (earlier.length === policy.maxRedirects) throw policy.tooMany(current.url);
    request = policy.redirect(current, status, location);
    earlier.unshift(current);
  }
};

export type RedirectFault = "several addresses" | "no address" | "another scheme" | "leaves https";

/** The address that a redirect leads to; `refuse` makes the error for none, not http(s), or http after https. */
export const redirectTarget = (
  from: URL,
  location: Location,
  refuse: (fault: RedirectFault, to: URL | undefined) => Error,
): URL => {
  if (typeof location !== "string") throw refuse("several addresses", undefined);
  const text = headerText(location);
  if (!URL.canParse(text, from.href)) throw refuse("no address", undefined);
  const to = new URL(text, from);
  if (from.protocol === "https:" && to.protocol === "http:") throw refuse("leaves https", to);
  if (to.protocol !== "https:" && to.protocol !== "http:") throw refuse("another scheme", to);
  return to;
};
