import { HitagiError } from "@hitagi/contract";
import { allowedAddresses, type Lookup } from "../../net/addresses.ts";
import type { Connections } from "../../net/connections.ts";
import { grantedReach, type Reach } from "../../net/granted-hosts.ts";
import type { LoginSession } from "../types.ts";
import type { CapabilityContext } from "./capability.ts";
import type { NetworkLog } from "./network-log.ts";
import {
  type FetchArgs,
  firstRequest,
  type HeaderList,
  type PluginRequest,
  redirected,
} from "./plugin-request.ts";
import { requestFault } from "./request-fault.ts";
import { ACCEPT_ENCODING, readBody } from "./response-body.ts";
import type { SessionCookies } from "./session-cookies.ts";

/** What a plugin's `fetch` gets back. */
export interface FetchAnswer {
  status: number;
  statusText: string;
  /** The address that answered, after redirects. */
  url: string;
  redirected: boolean;
  headers: HeaderList;
  body: { base64: string };
}

export interface FetchLimits {
  /** For the whole fetch, with its redirects and its body. */
  totalMs: number;
  /** Of an unpacked body. */
  responseBytes: number;
  redirects: number;
}

interface Deps {
  lookup: Lookup;
  connections: Connections;
  log: NetworkLog;
  cookiesOf: (session: LoginSession) => Promise<SessionCookies>;
  now: () => number;
  limits: FetchLimits;
}

interface Exchange {
  status: number;
  statusText: string;
  headers: HeaderList;
  body: Buffer;
}

const denied = (url: URL, reason: string) =>
  new HitagiError("CAPABILITY_DENIED", { action: `reach ${url.host || url.protocol}`, reason });

/** What the grants open of an address. @throws HitagiError CAPABILITY_DENIED */
const allowedReach = (granted: readonly string[], url: URL): Reach => {
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw denied(url, "only http and https are allowed");
  if (url.username || url.password) throw denied(url, "the address has a user name or password in it");
  const reach = grantedReach(granted, url);
  if (reach === undefined) throw denied(url, "this host is not granted");
  return reach;
};

const DEFAULTS: HeaderList = [
  ["accept", "*/*"],
  ["user-agent", "Hitagi"],
];

const withDefaults = (headers: HeaderList): HeaderList => {
  const missing = DEFAULTS.filter(([name]) => !headers.some(([given]) => given.toLowerCase() === name));
  return [...headers, ...missing, ["accept-encoding", ACCEPT_ENCODING]];
};

const listed = (headers: Record<string, string | string[] | undefined>): HeaderList =>
  Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((text) => [name, text] as const),
  );

const valuesOf = (headers: HeaderList, wanted: string): string[] =>
  headers.filter(([name]) => name === wanted).map(([, value]) => value);

/** The headers that the plugin sees: no coding that was taken off, and no cookie of a session. */
const shown = (headers: HeaderList, decoded: boolean, hasSession: boolean): HeaderList =>
  headers.filter(
    ([name]) =>
      !(decoded && (name === "content-encoding" || name === "content-length")) &&
      !(hasSession && name === "set-cookie"),
  );

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const BODILESS = new Set([204, 304]);

/**
 * Makes a plugin's requests. Each hop passes the same checks in the same order: scheme, granted host, every
 * address of its name; then it goes to those addresses and no others.
 * @throws HitagiError CAPABILITY_DENIED, CAPABILITY_INVALID, CAPABILITY_LIMIT, REQUEST_FAILED, PLUGIN_CANCELLED
 */
export const createHostFetch = (deps: Deps) => {
  const { limits } = deps;

  const send = async (
    request: PluginRequest,
    granted: readonly string[],
    call: CapabilityContext,
    signal: AbortSignal,
  ): Promise<Exchange> => {
    const { url, method, body } = request;
    const reach = allowedReach(granted, url);
    const addresses = await allowedAddresses(url.hostname, reach, deps.lookup, signal);
    const session = await call.session();
    const cookies = session && (await deps.cookiesOf(session));
    const headers = withDefaults(cookies ? await cookies.addTo(request.headers, url) : request.headers);
    const pool = deps.connections.to(call.scope.namespace, url.origin, addresses);
    const path = url.pathname + url.search;
    const response = await pool.request({
      path,
      method,
      headers: headers.flat(),
      body: body ?? null,
      signal,
    });
    const received = listed(response.headers);
    const hasBody = method !== "HEAD" && !BODILESS.has(response.statusCode);
    const encoding = hasBody ? valuesOf(received, "content-encoding").join(",") : "";
    const { bytes, decoded } = await readBody(response.body, encoding, limits.responseBytes, signal);
    await cookies?.keep(valuesOf(received, "set-cookie"), url);
    return {
      status: response.statusCode,
      statusText: response.statusText,
      headers: shown(received, decoded, cookies !== undefined),
      body: bytes,
    };
  };

  /** One hop with its line in the network log, whatever comes of it. */
  const hop = async (
    request: PluginRequest,
    granted: readonly string[],
    call: CapabilityContext,
    timeout: AbortSignal,
  ): Promise<Exchange> => {
    const at = deps.now();
    const note = (outcome: number | string, bytes: number) =>
      deps.log.add(call.scope.namespace, request.url, {
        at,
        method: request.method,
        outcome,
        bytes,
        ms: deps.now() - at,
      });
    try {
      const exchange = await send(request, granted, call, AbortSignal.any([call.signal, timeout]));
      note(exchange.status, exchange.body.length);
      return exchange;
    } catch (error) {
      const fault = requestFault(error, request.url.host, timeout, limits.totalMs, call.signal);
      note(fault.code, 0);
      throw fault;
    }
  };

  return async (
    args: FetchArgs,
    granted: readonly string[],
    call: CapabilityContext,
  ): Promise<FetchAnswer> => {
    const timeout = AbortSignal.timeout(limits.totalMs);
    let request = firstRequest(args);
    for (let hops = 0; ; hops++) {
      const { status, statusText, headers, body } = await hop(request, granted, call, timeout);
      const [location] = REDIRECTS.has(status) ? valuesOf(headers, "location") : [];
      if (location === undefined || args.redirect === "manual") {
        const encoded = { base64: body.toString("base64") };
        return { status, statusText, url: request.url.href, redirected: hops > 0, headers, body: encoded };
      }
      if (args.redirect === "error" || hops === limits.redirects) {
        const reason = args.redirect === "error" ? "it redirects" : `more than ${limits.redirects} redirects`;
        throw new HitagiError("REQUEST_FAILED", { host: request.url.host, reason });
      }
      request = redirected(request, status, location);
    }
  };
};
