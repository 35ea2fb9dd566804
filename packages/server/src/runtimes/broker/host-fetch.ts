import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { Lookup } from "../../net/addresses.ts";
import { type Connection, type Connections, connectGranted } from "../../net/connections.ts";
import { grantedReach } from "../../net/granted-hosts.ts";
import { readBody } from "../../net/http-body.ts";
import { followRedirects, type HopPolicy } from "../../net/http-redirects.ts";
import { countHeaders, discardBody, headerFields, MAX_HEADERS } from "../../net/response-headers.ts";
import type { CallScope } from "../types.ts";
import type { CapabilityContext } from "./capability.ts";
import type { NetworkLog } from "./network-log.ts";
import {
  type FetchArgs,
  firstRequest,
  type HeaderList,
  type PluginRequest,
  redirected,
} from "./plugin-request.ts";
import { denied, noteRefusal, recordRequest, requestFailure } from "./recorded-request.ts";
import type { SessionCookiesOf } from "./session-cookies.ts";

/** The response of the capability `fetch`. */
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
  cookiesOf: SessionCookiesOf;
  now: () => number;
  limits: FetchLimits;
}

type Exchange = Pick<FetchAnswer, "status" | "statusText" | "headers"> & { body: Buffer };

const ACCEPT_ENCODING = "gzip, br";

const DEFAULTS: HeaderList = [
  ["accept", "*/*"],
  ["user-agent", "Hitagi"],
];

const withDefaults = (headers: HeaderList): HeaderList => {
  const missing = DEFAULTS.filter(([name]) => !headers.some(([given]) => given.toLowerCase() === name));
  return [...headers, ...missing, ["accept-encoding", ACCEPT_ENCODING]];
};

const valuesOf = (headers: HeaderList, wanted: string): string[] =>
  headers.filter(([name]) => name === wanted).map(([, value]) => value);

/** The headers for the plugin: without a decoded content coding, and without a session's cookies. */
const visibleHeaders = (headers: HeaderList, decoded: boolean, hasSession: boolean): HeaderList =>
  headers.filter(
    ([name]) =>
      !(decoded && (name === "content-encoding" || name === "content-length")) &&
      !(hasSession && name === "set-cookie"),
  );

const tooManyHeaders = () =>
  new HitagiError("CAPABILITY_LIMIT", { reason: `the answer has more than ${MAX_HEADERS} header fields` });

const BODILESS = new Set([204, 304]);

/**
 * Makes a plugin's requests. Each hop passes the same checks in the same order: scheme, granted host, every
 * address of its name; then it goes to those addresses and no others.
 * @throws HitagiError CAPABILITY_DENIED, CAPABILITY_INVALID, CAPABILITY_LIMIT, REQUEST_FAILED, PLUGIN_CANCELLED
 */
export const createHostFetch = (deps: Deps) => {
  const { limits } = deps;
  const tooLarge = () =>
    new HitagiError("CAPABILITY_LIMIT", {
      reason: `the answer is larger than ${limits.responseBytes} bytes`,
    });

  /** Each hop goes to granted hosts only; a redirect may lead to any of them. */
  const policyOf = (
    { redirect }: FetchArgs,
    granted: readonly string[],
    { namespace }: CallScope,
    signal: AbortSignal,
  ): HopPolicy<PluginRequest, Connection> => ({
    connect: ({ url }) =>
      connectGranted(deps, {
        namespace,
        url,
        reach: grantedReach(granted, url),
        denied: (reason) => denied(url, reason),
        notGranted: "this host is not granted",
        signal,
      }),
    maxRedirects: redirect === "error" ? 0 : limits.redirects,
    tooMany: ({ host }) => {
      const reason = redirect === "error" ? "it redirects" : `more than ${limits.redirects} redirects`;
      return new HitagiError("REQUEST_FAILED", { host, reason });
    },
    redirect: redirected,
  });

  const send = async (
    request: PluginRequest,
    connect: () => Promise<Connection>,
    call: CapabilityContext,
    signal: AbortSignal,
  ): Promise<Exchange> => {
    const { url, method, body } = request;
    const connection = await connect();
    const session = await call.session();
    const cookies = session && deps.cookiesOf(session, `${call.scope.namespace} ${call.scope.source}`);
    const headers = withDefaults(cookies ? await cookies.addTo(request.headers, url) : request.headers);
    const response = await connection.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: headers.flat(),
      body: body ?? null,
      signal,
    });
    if (countHeaders(response.headers) > MAX_HEADERS) {
      discardBody(response.body);
      throw tooManyHeaders();
    }
    noteRefusal(call.scope, url, response.statusCode, response.headers["retry-after"]);
    const received = headerFields(response.headers);
    const hasBody = method !== "HEAD" && !BODILESS.has(response.statusCode);
    const encoding = hasBody ? valuesOf(received, "content-encoding").join(",") : "";
    const { bytes, decoded } = await readBody(response.body, encoding, undefined, {
      maxBytes: limits.responseBytes,
      tooLarge,
      signal,
    });
    await cookies?.keep(valuesOf(received, "set-cookie"), url);
    return {
      status: response.statusCode,
      statusText: response.statusText,
      headers: visibleHeaders(received, decoded, cookies !== undefined),
      body: bytes,
    };
  };

  /** One hop with its record in the network log, also if it fails. */
  const hop = async (
    request: PluginRequest,
    connect: () => Promise<Connection>,
    call: CapabilityContext,
    timeout: AbortSignal,
    signal: AbortSignal,
  ): Promise<Exchange> => {
    const { method, url } = request;
    const failureOf = (cause: unknown): HitagiError => {
      if (isHitagiError(cause) || call.signal.aborted || !timeout.aborted)
        return requestFailure(cause, url, call.signal);
      const reason = `the request to ${url.host} took longer than ${limits.totalMs / 1000} s`;
      return new HitagiError("CAPABILITY_LIMIT", { reason }, { cause });
    };
    const { log, now } = deps;
    const { scope } = call;
    const { exchange } = await recordRequest({ log, now, scope, method, url, failureOf }, async () => {
      const exchange = await send(request, connect, call, signal);
      return { outcome: exchange.status, bytes: exchange.body.length, exchange };
    });
    return exchange;
  };

  return async (
    args: FetchArgs,
    granted: readonly string[],
    call: CapabilityContext,
  ): Promise<FetchAnswer> => {
    const timeout = AbortSignal.timeout(limits.totalMs);
    const signal = AbortSignal.any([call.signal, timeout]);
    const policy = policyOf(args, granted, call.scope, signal);
    const { answer, request, earlier } = await followRedirects(
      policy,
      firstRequest(args),
      async (current, connect) => {
        const exchange = await hop(current, connect, call, timeout, signal);
        const [location, ...others] = valuesOf(exchange.headers, "location");
        const followed = args.redirect === "manual" ? undefined : location;
        return { ...exchange, location: followed && others.length > 0 ? [followed, ...others] : followed };
      },
    );
    const { status, statusText, headers, body } = answer;
    return {
      status,
      statusText,
      url: request.url.href,
      redirected: earlier.length > 0,
      headers,
      body: { base64: body.toString("base64") },
    };
  };
};
