import { HitagiError, isHitagiError } from "@hitagi/contract";
import { Agent, type Dispatcher } from "undici";
import { type Deadline, withDeadline } from "./deadline.ts";
import { ACCEPT_ENCODING, readBody } from "./http-body.ts";
import { networkFault } from "./http-faults.ts";
import { type Hop, isElsewhere, isRedirect, MAX_REDIRECTS, nextHop, publicLookup } from "./http-redirect.ts";
import { isRetried, PassingFault, type RetryPolicy, retryAfterMs, withRetries } from "./http-retry.ts";
import type { Fetched, FetchOptions, Validators } from "./types.ts";

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
   *   SOURCE_FILE_MISSING (404 or 410), or the reason of the caller's signal
   */
  get(url: URL, file: string, options: HttpFetchOptions): Promise<Fetched>;
  /** Ends every connection. */
  close(): Promise<void>;
}

type Response = Dispatcher.ResponseData;

const conditions = ({ etag, lastModified }: Validators = {}): Record<string, string> => ({
  ...(etag === undefined ? {} : { "if-none-match": etag }),
  ...(lastModified === undefined ? {} : { "if-modified-since": lastModified }),
});

const single = (value: string | string[] | undefined): string | undefined =>
  typeof value === "string" ? value : undefined;

/** Leaves a body unread. What its stream says of that is of no interest to anyone. */
const discard = ({ body }: Response): void => {
  body.on("error", () => {}).destroy();
};

/** Connections to the hosts that owners named, and to those that redirects lead to: these are public only. */
interface Agents {
  named: Agent;
  elsewhere: Agent;
}

/** Requests, and follows redirects as far as they are allowed. */
const follow = async (agents: Agents, start: Hop, headers: Record<string, string>, signal: AbortSignal) => {
  let hop = start;
  for (let redirects = 0; ; redirects++) {
    const agent = isElsewhere(start.url, hop.url) ? "elsewhere" : "named";
    const response = await agents[agent].request({
      origin: hop.url.origin,
      path: hop.url.pathname + hop.url.search,
      method: "GET",
      headers: { ...hop.privateHeaders, ...headers },
      signal,
    });
    if (!isRedirect(response.statusCode)) return response;
    discard(response);
    if (redirects === MAX_REDIRECTS) {
      throw new HitagiError("SOURCE_REDIRECT", { reason: `more than ${MAX_REDIRECTS} times` });
    }
    hop = nextHop(hop, response.headers.location);
  }
};

const statusFault = ({ statusCode, headers }: Response, file: string): HitagiError | PassingFault => {
  if (statusCode === 404 || statusCode === 410) return new HitagiError("SOURCE_FILE_MISSING", { path: file });
  const error = new HitagiError("SOURCE_STATUS", { status: statusCode, path: file });
  return isRetried(statusCode)
    ? new PassingFault(error, retryAfterMs(headers["retry-after"], Date.now()))
    : error;
};

const receive = async (response: Response, file: string, maxBytes: number, signal: AbortSignal) => {
  const { headers, body } = response;
  const announced = single(headers["content-length"]);
  const length = announced === undefined ? undefined : Number(announced);
  const encoding = single(headers["content-encoding"]) ?? "";
  try {
    const bytes = await readBody(body, encoding, length, { file, maxBytes, signal });
    const validators = { etag: single(headers.etag), lastModified: single(headers["last-modified"]) };
    return { changed: true, bytes, validators } as const;
  } finally {
    if (!body.destroyed) discard(response);
  }
};

/** One attempt. */
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
    const response = await follow(agents, start, headers, signal);
    if (response.statusCode === 200) return await receive(response, file, options.maxBytes, signal);
    discard(response);
    // A 304 that nobody asked for has nothing to be compared with.
    if (response.statusCode === 304 && Object.keys(conditions(options.validators)).length > 0) {
      return { changed: false };
    }
    throw statusFault(response, file);
  } catch (error) {
    if (isHitagiError(error) || error instanceof PassingFault || signal.aborted) throw error;
    throw networkFault(error);
  }
};

/**
 * Makes the HTTP layer, with connections of its own.
 * @param retry how often and after how long a failed request is repeated
 */
export const createHttp = (retry: RetryPolicy = { attempts: 4, baseMs: 250 }): Http => {
  // The deadline is over everything, so that no other time limit is needed while an answer is awaited or read.
  const patient = { headersTimeout: 0, bodyTimeout: 0 };
  const agents: Agents = {
    named: new Agent(patient),
    elsewhere: new Agent({ ...patient, connect: { lookup: publicLookup } }),
  };
  return {
    get: (url, file, options) =>
      withDeadline(file, options, (deadline) =>
        withRetries(retry, deadline, () => attempt(agents, url, file, options, deadline)),
      ),
    close: async () => {
      await Promise.all([agents.named.destroy(), agents.elsewhere.destroy()]);
    },
  };
};
