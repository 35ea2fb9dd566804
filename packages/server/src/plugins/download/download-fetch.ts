import type { Readable } from "node:stream";
import { HitagiError, isHitagiError, type Namespace } from "@hitagi/contract";
import type { Dispatcher, Pool } from "undici";
import { surviveErrors } from "../../async/stream-errors.ts";
import { codeOf } from "../../disk/errno.ts";
import type { Lookup } from "../../net/addresses.ts";
import { type Connections, connectGranted } from "../../net/connections.ts";
import { grantedReach } from "../../net/granted-hosts.ts";
import {
  followRedirects,
  type HopPolicy,
  type RedirectFault,
  redirectTarget,
} from "../../net/http-redirects.ts";
import { countHeaders, discardBody, MAX_HEADERS } from "../../net/response-headers.ts";
import type { SessionCookies } from "../../runtimes/broker/session-cookies.ts";

export interface DownloadFetchDeps {
  connections: Connections<Pool>;
  lookup: Lookup;
}

export interface DownloadRequest {
  /** Connections are never shared between plugins. */
  namespace: Namespace;
  url: URL;
  /** The address that the client asked for; the plugin may return another one. */
  asked: URL;
  /** Hosts that the plugin was granted, and those that the owner allows for all downloads. */
  hosts: readonly string[];
  /** Any public host is allowed, for plugins that make requests by themselves. */
  anyPublic: boolean;
  /** The login's cookies and headers, if the plugin has a login. */
  cookies: SessionCookies | undefined;
  signal: AbortSignal;
}

export interface DownloadAnswer {
  body: Readable;
  /** In bytes, if the server announced it. */
  length: number | undefined;
  disposition: string | undefined;
  /** The address that answered, then those that led to it. */
  urls: URL[];
}

const HEADERS = [
  ["user-agent", "Hitagi"],
  ["accept-encoding", "identity"],
] as const;
const MAX_REDIRECTS = 5;
/** Milliseconds without data before the download fails. */
const SILENCE_MS = 30_000;

const denied = (url: URL, reason: string) =>
  new HitagiError("CAPABILITY_DENIED", { action: `download from ${url.host || url.protocol}`, reason });

const failed = (url: URL, reason: string, cause?: unknown) =>
  new HitagiError("REQUEST_FAILED", { host: url.host, reason }, { cause });

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;

const refusedRedirect =
  (from: URL) =>
  (fault: RedirectFault, to: URL | undefined): HitagiError => {
    if (fault === "several addresses") return failed(from, "it redirects to more than one address");
    if (to === undefined) return failed(from, "it redirects to something that is no address");
    return denied(
      to,
      fault === "leaves https" ? "the redirect leaves https" : "only http and https are allowed",
    );
  };

/**
 * What a download may reach. The plugin chooses the first address, so its host must be granted or be the one that the
 * client asked for: another could carry secrets away. A redirect is the site's choice and often leads to a storage host that
 * cannot be named beforehand. Only hosts that the owner named may have an address that is not public: clients and sites must
 * not reach this machine or the local network.
 */
const policyOf = (
  deps: DownloadFetchDeps,
  { namespace, asked, hosts, anyPublic, signal }: DownloadRequest,
): HopPolicy<{ url: URL }> => ({
  connect: (request, first) => {
    const { url } = request;
    const isPublicHost = request !== first || anyPublic || url.host === asked.host;
    return connectGranted(deps, {
      namespace,
      url,
      reach: grantedReach(hosts, url) ?? (isPublicHost ? "public" : undefined),
      denied: (reason) => denied(url, reason),
      notGranted: "the plugin was not granted this host, and it is not the one that was asked for",
      signal,
    });
  },
  maxRedirects: MAX_REDIRECTS,
  tooMany: (from) => failed(from, `more than ${MAX_REDIRECTS} redirects`),
  redirect: (from, _status, location) => ({
    url: redirectTarget(from.url, location, refusedRedirect(from.url)),
  }),
});

/**
 * Opens a download and answers its body as it streams.
 * @throws HitagiError CAPABILITY_DENIED, REQUEST_FAILED, PLUGIN_CANCELLED
 */
export const createDownloadFetch = (deps: DownloadFetchDeps) => {
  const send = async ({ cookies, signal }: DownloadRequest, url: URL, connect: () => Promise<Dispatcher>) => {
    const connection = await connect();
    const headers = cookies ? await cookies.addTo(HEADERS, url) : HEADERS;
    const response = await connection.request({
      origin: url.origin,
      method: "GET",
      path: url.pathname + url.search,
      headers: headers.flat(),
      headersTimeout: SILENCE_MS,
      bodyTimeout: SILENCE_MS,
      signal,
    });
    const { statusCode: status, headers: received } = response;
    const body = surviveErrors(response.body);
    if (countHeaders(received) > MAX_HEADERS) {
      discardBody(body);
      throw failed(url, `it answered with more than ${MAX_HEADERS} header fields`);
    }
    await cookies?.keep([received["set-cookie"] ?? []].flat(), url);
    // What is left of the body is not wanted; its connection may be used again or not.
    if (status !== 200) await body.dump();
    return { status, location: received.location, headers: received, body };
  };

  return async (request: DownloadRequest): Promise<DownloadAnswer> => {
    let at = request.url;
    try {
      const { answer, earlier } = await followRedirects(
        policyOf(deps, request),
        { url: request.url },
        ({ url }, connect) => {
          at = url;
          return send(request, url, connect);
        },
      );
      const { status, headers, body } = answer;
      if (status !== 200) throw failed(at, `it answered ${status}`);
      const length = Number(single(headers["content-length"]) ?? Number.NaN);
      return {
        body,
        length: Number.isSafeInteger(length) ? length : undefined,
        disposition: single(headers["content-disposition"]),
        urls: [at, ...earlier.map(({ url }) => url)],
      };
    } catch (error) {
      throw downloadFault(error, at, request.signal);
    }
  };
};

/** The HitagiError for a network error; it names the host and no other part of the address. */
export const downloadFault = (error: unknown, url: URL, signal: AbortSignal): HitagiError => {
  if (isHitagiError(error)) return error;
  const { reason } = signal;
  if (reason instanceof DOMException && reason.name === "TimeoutError")
    return failed(url, "it took too long", error);
  if (signal.aborted) return new HitagiError("PLUGIN_CANCELLED", {}, { cause: error });
  return failed(url, codeOf(error) ?? "the connection failed", error);
};
