import { Readable } from "node:stream";
import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { Dispatcher } from "undici";
import type { Deadline } from "../async/deadline.ts";
import { type Agents, createAgents, type Network } from "../net/http-agents.ts";
import { ACCEPT_ENCODING, type BodyPolicy, readBody } from "../net/http-body.ts";
import { networkFault } from "../net/http-faults.ts";
import { followRedirects, isPermanent, isRedirect } from "../net/http-redirects.ts";
import { PassingFault, type RetryPolicy, withRetries } from "../net/http-retry.ts";
import { discardBody } from "../net/response-headers.ts";
import { withFileDeadline } from "./deadline.ts";
import { type Hop, hopPolicy, noLocation } from "./http-redirect.ts";
import { statusError } from "./http-status.ts";
import type { Fetched, FetchOptions, Validators } from "./types.ts";
import { webPageError } from "./web-page.ts";

export interface HttpFetchOptions extends FetchOptions {
  /** Sent to the first origin only, never along a redirect to another: a token, for instance. */
  headers?: Record<string, string>;
}

/** The one way in which sources speak HTTP. */
export interface Http {
  /**
   * Gets one file.
   * @param file the name that errors give, so that they carry no address
   * @throws HitagiError SOURCE_UNREACHABLE, SOURCE_STATUS, SOURCE_TIMEOUT, SOURCE_TOO_LARGE, SOURCE_REDIRECT,
   *   SOURCE_CERTIFICATE, SOURCE_CREDENTIAL_NEEDED, SOURCE_CREDENTIAL_REFUSED, SOURCE_RATE_LIMITED,
   *   SOURCE_FILE_MISSING (404 or 410), SOURCE_WEB_PAGE, SOURCE_LOGIN_PAGE, SOURCE_CAPTIVE_PORTAL, or the reason of the caller's signal
   */
  get(url: URL, file: string, options: HttpFetchOptions): Promise<Fetched>;
  close(): Promise<void>;
}

type Response = Dispatcher.ResponseData;

const conditions = ({ etag, lastModified }: Validators = {}): Record<string, string> => ({
  ...(etag === undefined ? {} : { "if-none-match": etag }),
  ...(lastModified === undefined ? {} : { "if-modified-since": lastModified }),
});

const single = (value: string | string[] | undefined): string | undefined =>
  typeof value === "string" ? value : undefined;

/** A response, and where a permanent redirect said that it is now. */
interface Followed {
  response: Response;
  /** The address that answered. */
  last: URL;
  moved?: string;
}

/** Without the query, in which a forge may have put a secret. */
const shown = ({ origin, pathname }: URL): string => origin + pathname;

/** Requests a file, and follows redirects as far as they are allowed. */
const follow = async (
  agents: Agents,
  start: Hop,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Followed> => {
  let moved: { moved?: string } = {};
  let permanent = true;
  const { answer, request } = await followRedirects(
    hopPolicy(agents),
    start,
    async ({ url, privateHeaders }, connect) => {
      if (url !== start.url && permanent) moved = { moved: shown(url) };
      const response = await (await connect()).request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: "GET",
        headers: { ...privateHeaders, ...headers },
        signal,
      });
      const { statusCode: status } = response;
      if (!isRedirect(status)) return { status, location: undefined, response };
      discardBody(response.body);
      const { location } = response.headers;
      if (location === undefined) throw noLocation();
      permanent &&= isPermanent(status);
      return { status, location, response };
    },
  );
  return { response: answer.response, last: request.url, ...moved };
};

const unknownEncoding = (encoding: string) =>
  new HitagiError("SOURCE_UNREACHABLE", { reason: `it sent an unknown encoding, ${encoding}` });

const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);
/** Gzip inside of gzip, by a server that compresses what is stored compressed. */
const MAX_PACKED = 2;

/** The JSON in a body that is still packed, though no header says so. */
const unpackAgain = async (packed: Buffer, policy: BodyPolicy): Promise<Buffer> => {
  let bytes = packed;
  for (let n = 0; n < MAX_PACKED && bytes.subarray(0, GZIP.length).equals(GZIP); n++)
    ({ bytes } = await readBody(Readable.from([bytes]), "gzip", undefined, policy));
  return bytes;
};

const receive = async (response: Response, file: string, maxBytes: number, signal: AbortSignal) => {
  const { headers, body } = response;
  const announced = single(headers["content-length"]);
  const length = announced === undefined ? undefined : Number(announced);
  const encoding = single(headers["content-encoding"]) ?? "";
  try {
    const policy: BodyPolicy = {
      maxBytes,
      tooLarge: () => new HitagiError("SOURCE_TOO_LARGE", { path: file, limit: maxBytes }),
      unknownEncoding,
      signal,
    };
    const received = await readBody(body, encoding, length, policy);
    const bytes = file.endsWith(".json") ? await unpackAgain(received.bytes, policy) : received.bytes;
    const validators = { etag: single(headers.etag), lastModified: single(headers["last-modified"]) };
    return { changed: true, bytes, validators } as const;
  } finally {
    if (!body.destroyed) discardBody(body);
  }
};

const attempt = async (
  agents: Agents,
  url: URL,
  file: string,
  options: HttpFetchOptions,
  { signal }: Deadline,
): Promise<Fetched> => {
  const headers = { "accept-encoding": ACCEPT_ENCODING, ...conditions(options.validators) };
  const start = { url, privateHeaders: options.headers ?? {} };
  try {
    const { response, last, ...moved } = await follow(agents, start, headers, signal);
    if (response.statusCode === 200) {
      const received = await receive(response, file, options.maxBytes, signal);
      const wrong = webPageError(received.bytes, file, url, last);
      if (wrong) throw wrong;
      return { ...received, ...moved };
    }
    discardBody(response.body);
    // An unrequested 304 has nothing to be compared with.
    if (response.statusCode === 304 && Object.keys(conditions(options.validators)).length > 0) {
      return { changed: false, ...moved };
    }
    throw statusError(response, file, Object.keys(start.privateHeaders).length > 0);
  } catch (error) {
    if (isHitagiError(error) || error instanceof PassingFault || signal.aborted) throw error;
    throw networkFault(error);
  }
};

/** Makes the HTTP layer, with connections of its own and retries of temporary failures. */
export const createHttp = (
  retry: RetryPolicy = { attempts: 4, baseMs: 250 },
  network: Network = {},
): Http => {
  const agents = createAgents(network);
  return {
    get: (url, file, options) =>
      withFileDeadline(file, options, (deadline) =>
        withRetries(retry, deadline, () => attempt(agents, url, file, options, deadline)),
      ),
    close: agents.close,
  };
};
