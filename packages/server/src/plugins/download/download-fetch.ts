import type { Readable } from "node:stream";
import { HitagiError, isHitagiError, type Namespace } from "@hitagi/contract";
import { codeOf } from "../../disk/errno.ts";
import { allowedAddresses, type Lookup } from "../../net/addresses.ts";
import type { Connections } from "../../net/connections.ts";
import { grantedReach, type Reach } from "../../net/granted-hosts.ts";
import type { SessionCookies } from "../../runtimes/broker/session-cookies.ts";

export interface DownloadFetchDeps {
  connections: Connections;
  lookup: Lookup;
}

export interface DownloadRequest {
  /** For whom it is: connections are never shared between plugins. */
  namespace: Namespace;
  url: URL;
  /** Hosts that the plugin was granted, and the one that its owner asked for. */
  hosts: readonly string[];
  /** The plugin makes requests itself and could fetch it anyway: any public host will do. */
  anyPublic: boolean;
  /** The login's cookies and headers, if the plugin has a login. */
  cookies: SessionCookies | undefined;
  signal: AbortSignal;
}

export interface DownloadAnswer {
  body: Readable;
  /** In bytes, where the server says. */
  length: number | undefined;
  disposition: string | undefined;
  /** The address that answered, then those that led to it. */
  urls: URL[];
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 5;
/** A server that sends nothing for so long is given up. */
const SILENCE_MS = 30_000;

const denied = (url: URL, reason: string) =>
  new HitagiError("CAPABILITY_DENIED", { action: `download from ${url.host || url.protocol}`, reason });

/**
 * What may be reached. The plugin chooses the first address, so it must be of a host that was granted or asked for:
 * else an address could carry secrets away. A redirect is the site's choice and often leads to a storage host that
 * nobody could name beforehand, so it may lead to any public address, and to no other.
 * @throws HitagiError CAPABILITY_DENIED
 */
const reachOf = (url: URL, before: URL | undefined, { hosts, anyPublic }: DownloadRequest): Reach => {
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw denied(url, "only http and https are allowed");
  if (url.username || url.password) throw denied(url, "the address has a user name or password in it");
  if (before?.protocol === "https:" && url.protocol === "http:")
    throw denied(url, "the redirect leaves https");
  const reach = grantedReach(hosts, url) ?? (before || anyPublic ? "public" : undefined);
  if (reach !== undefined) return reach;
  throw denied(url, "the plugin was not granted this host, and it is not the one that was asked for");
};

const failed = (url: URL, reason: string, cause?: unknown) =>
  new HitagiError("REQUEST_FAILED", { host: url.host, reason }, { cause });

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;

/**
 * Opens a download and answers its body as it streams. Each hop is checked anew, and goes to the addresses that were
 * checked and no others.
 * @throws HitagiError CAPABILITY_DENIED, REQUEST_FAILED, PLUGIN_CANCELLED
 */
export const createDownloadFetch = ({ connections, lookup }: DownloadFetchDeps) => {
  const send = async (request: DownloadRequest, url: URL, before: URL | undefined) => {
    const reach = reachOf(url, before, request);
    const addresses = await allowedAddresses(url.hostname, reach, lookup, request.signal);
    const plain = [
      ["user-agent", "Hitagi"],
      ["accept-encoding", "identity"],
    ] as const;
    const headers = request.cookies ? await request.cookies.addTo(plain, url) : plain;
    return connections.to(request.namespace, url.origin, addresses).request({
      method: "GET",
      path: url.pathname + url.search,
      headers: headers.flat(),
      headersTimeout: SILENCE_MS,
      bodyTimeout: SILENCE_MS,
      signal: request.signal,
    });
  };

  /** The answer of one hop, or the address that it redirects to. */
  const hop = async (request: DownloadRequest, url: URL, before: URL | undefined) => {
    const { statusCode, headers, body } = await send(request, url, before);
    await request.cookies?.keep([headers["set-cookie"] ?? []].flat(), url);
    const location = REDIRECTS.has(statusCode) ? single(headers.location) : undefined;
    if (statusCode === 200) return { body, headers };
    // What is left of the body is not wanted; its connection may be used again or not.
    await body.dump();
    if (location === undefined) throw failed(url, `it answered ${statusCode}`);
    if (!URL.canParse(location, url.href)) throw failed(url, "it redirects to something that is no address");
    return { next: new URL(location, url.href) };
  };

  return async (request: DownloadRequest): Promise<DownloadAnswer> => {
    const urls: URL[] = [];
    let url = request.url;
    try {
      while (urls.length <= MAX_REDIRECTS) {
        const answer = await hop(request, url, urls[0]);
        urls.unshift(url);
        if (answer.next === undefined) {
          const { body, headers } = answer;
          const length = Number(single(headers["content-length"]) ?? Number.NaN);
          return {
            body,
            length: Number.isSafeInteger(length) ? length : undefined,
            disposition: single(headers["content-disposition"]),
            urls,
          };
        }
        url = answer.next;
      }
      throw failed(url, `more than ${MAX_REDIRECTS} redirects`);
    } catch (error) {
      throw downloadFault(error, url, request.signal);
    }
  };
};

/** An error of the table for whatever went wrong with the network, without any address but the host. */
export const downloadFault = (error: unknown, url: URL, signal: AbortSignal): HitagiError => {
  if (isHitagiError(error)) return error;
  const { reason } = signal;
  if (reason instanceof DOMException && reason.name === "TimeoutError")
    return failed(url, "it took too long", error);
  if (signal.aborted) return new HitagiError("PLUGIN_CANCELLED", {}, { cause: error });
  return failed(url, codeOf(error) ?? "the connection failed", error);
};
