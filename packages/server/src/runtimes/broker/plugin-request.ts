import { HitagiError } from "@hitagi/contract";
import { type Static, Type } from "typebox";
import { type Location, type RedirectFault, redirectTarget } from "../../net/http-redirects.ts";

const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

/** RFC 9110 §5.6.2 and §5.5: nothing that could end a header and begin another. */
const TOKEN = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";
const FIELD_VALUE = "^[\\t\\x20-\\x7e\\x80-\\xff]*$";

const Header = Type.Tuple([
  Type.String({ pattern: TOKEN, maxLength: 128 }),
  Type.String({ pattern: FIELD_VALUE, maxLength: 16_384 }),
]);

export const PLUGIN_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

/** Arguments of the capability `fetch`. */
export const FetchArgs = Type.Object(
  {
    url: Type.String({ maxLength: 8192 }),
    method: Type.Enum([...PLUGIN_METHODS]),
    headers: Type.Array(Header, { maxItems: 128 }),
    body: Type.Optional(Type.Object({ base64: Type.String() })),
    redirect: Type.Optional(Type.Enum(["follow", "manual", "error"])),
  },
  { additionalProperties: false },
);
export type FetchArgs = Static<typeof FetchArgs>;

export type HeaderList = readonly (readonly [name: string, value: string])[];

/** One hop of a fetch. */
export interface PluginRequest {
  url: URL;
  method: FetchArgs["method"];
  headers: HeaderList;
  body: Buffer | undefined;
}

/** Headers about the transport, which only the host sets. */
export const HOST_HEADERS =
  /^(host|connection|keep-alive|content-length|transfer-encoding|te|trailer|upgrade|expect|via|proxy-.*)$/i;
/** Set by the host too, but ignored instead of rejected. */
const IGNORED_HEADERS = /^accept-encoding$/i;
/** Headers for one origin, which must not reach another. */
const CREDENTIALS = /^(authorization|cookie)$/i;
const BODY_HEADERS = /^content-/i;

/** The error for a request that no host is sent. */
export const invalidRequest = (reason: string): HitagiError =>
  new HitagiError("CAPABILITY_INVALID", { capability: "fetch", reason });

const parsedUrl = (text: string): URL => {
  if (!URL.canParse(text)) throw invalidRequest("the address is not a URL");
  const url = new URL(text);
  url.hash = "";
  return url;
};

/** The headers to send. @throws HitagiError CAPABILITY_INVALID for a header that only the host sets */
const sendable = (headers: HeaderList): HeaderList => {
  const forbidden = headers.find(([name]) => HOST_HEADERS.test(name));
  if (forbidden) throw invalidRequest(`the header ${forbidden[0]} is set by the host`);
  return headers.filter(([name]) => !IGNORED_HEADERS.test(name));
};

/** The first hop, before any check of its address. @throws HitagiError CAPABILITY_INVALID, CAPABILITY_LIMIT */
export const firstRequest = (args: FetchArgs): PluginRequest => {
  const body = args.body && Buffer.from(args.body.base64, "base64");
  if (body && (args.method === "GET" || args.method === "HEAD"))
    throw invalidRequest(`${args.method} has no body`);
  if (body && body.length > MAX_REQUEST_BYTES) {
    throw new HitagiError("CAPABILITY_LIMIT", {
      reason: `the request is larger than ${MAX_REQUEST_BYTES} bytes`,
    });
  }
  return { url: parsedUrl(args.url), method: args.method, headers: sendable(args.headers), body };
};

/** RFC 9110 §15.4.2-4: 303 always, 301 and 302 for POST, become a GET without a body. */
const becomesGet = (status: number, method: string) =>
  (status === 303 && method !== "HEAD") || ((status === 301 || status === 302) && method === "POST");

const refusedRedirect = (fault: RedirectFault, to: URL | undefined): HitagiError => {
  if (fault === "several addresses") return invalidRequest("the redirect names more than one address");
  if (to === undefined) return invalidRequest("the address is not a URL");
  const reason = fault === "leaves https" ? "it leaves https" : "only http and https are allowed";
  return new HitagiError("CAPABILITY_DENIED", {
    action: `be redirected to ${to.protocol}//${to.host}`,
    reason,
  });
};

/**
 * The next hop after a redirect. To another origin it goes without the plugin's credentials.
 * @throws HitagiError CAPABILITY_DENIED if it leaves https for http; CAPABILITY_INVALID
 */
export const redirected = (from: PluginRequest, status: number, location: Location): PluginRequest => {
  const url = redirectTarget(from.url, location, refusedRedirect);
  url.hash = "";
  const get = becomesGet(status, from.method);
  const kept = from.headers.filter(
    ([name]) =>
      (url.origin === from.url.origin || !CREDENTIALS.test(name)) && !(get && BODY_HEADERS.test(name)),
  );
  return { url, method: get ? "GET" : from.method, headers: kept, body: get ? undefined : from.body };
};
