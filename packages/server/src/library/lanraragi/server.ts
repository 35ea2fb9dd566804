import { Readable } from "node:stream";
import type { HitagiError } from "@hitagi/contract";
import type { Dispatcher, FormData } from "undici";
import { untilAborted } from "../../async/deadline.ts";
import { surviveErrors } from "../../async/stream-errors.ts";
import { type Network, trusted } from "../../net/http-agents.ts";
import { ACCEPT_ENCODING, readBody } from "../../net/http-body.ts";
import { discardBody } from "../../net/response-headers.ts";
import { loadUndici } from "../../net/undici.ts";
import { type Called, isBrokenOff, nameOf, notLanraragi, statusFault, unreachable } from "./faults.ts";

/** In milliseconds. */
export interface RequestTimeouts {
  /** Before the second try; doubled for each further one, unless the server says how long (Retry-After). */
  retryMs: number;
  /** Tries after the first. */
  retries: number;
  /** Without data from the server. */
  silenceMs: number;
  /** For a complete answer in JSON. */
  answerMs: number;
  /** For a complete file. */
  fileMs: number;
}

export const defaultTimeouts: RequestTimeouts = {
  retryMs: 250,
  retries: 3,
  silenceMs: 60_000,
  answerMs: 300_000,
  fileMs: 7_200_000,
};

/** The list of half a million archives. */
const MAX_JSON = 512 * 1024 * 1024;
/** The longest Retry-After that is obeyed. */
const MAX_WAIT_MS = 15_000;
/** 423: another client writes to the archive, which takes a moment. */
const RETRIED = [423, 429, 500, 502, 503, 504];

export interface Request extends Called {
  body?: Dispatcher.DispatchOptions["body"] | FormData;
  /** Whether the call must not be repeated. */
  once?: boolean;
  signal?: AbortSignal;
}

/** A client of a server with LANraragi's API. */
export interface LanraragiServer {
  /** Identifies the library. */
  readonly address: string;
  /**
   * Makes a call. Answers success and the statuses in `expected`; every other status is an error.
   * @throws HitagiError LIBRARY_UNREACHABLE, LIBRARY_KEY_REFUSED, LIBRARY_ANSWER, ARCHIVE_NOT_FOUND, ARCHIVE_BUSY
   */
  json(request: Request, expected?: readonly number[]): Promise<{ status: number; body: unknown }>;
  /** Makes a call whose answer is a file, as a stream. Its body fails with the same errors. Answers also the statuses in `expected`. */
  file(
    request: Request,
    expected?: readonly number[],
  ): Promise<{ status: number; body: Readable; length: number | undefined }>;
  close(): Promise<void>;
}

/** Whether the caller cancelled, and not its timeout. */
const isGivenUp = (signal: AbortSignal | undefined): boolean =>
  signal?.aborted === true && (signal.reason as Error | undefined)?.name !== "TimeoutError";

/** A body whose errors are HitagiErrors. */
const withHitagiErrors = async function* (body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (cause) {
    throw unreachable(cause);
  }
};

/** The JSON of an answer. An error answer may have another body, such as the page of a proxy: then undefined. */
const jsonOf = (bytes: Buffer, status: number, request: Request): unknown => {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    if (status !== 200) return undefined;
    throw notLanraragi(`its answer to ${nameOf(request)} is not JSON`, cause);
  }
};

/** Connections that are opened at the first call: plain ones, and those that try again. */
const createConnections = (ca: string[] | undefined, timeouts: RequestTimeouts) => {
  const open = async () => {
    const { Agent, interceptors } = await loadUndici();
    const plain = new Agent({
      headersTimeout: timeouts.silenceMs,
      bodyTimeout: timeouts.silenceMs,
      connect: { timeout: Math.min(10_000, timeouts.silenceMs), ...(ca && { ca }) },
    });
    const retry = interceptors.retry({
      maxRetries: timeouts.retries,
      minTimeout: timeouts.retryMs,
      maxTimeout: MAX_WAIT_MS,
      statusCodes: RETRIED,
      throwOnError: false,
    });
    return { plain, patient: plain.compose(retry) };
  };
  let opened: ReturnType<typeof open> | undefined;
  return {
    get: (): ReturnType<typeof open> => {
      opened ??= open();
      return opened;
    },
    close: async (): Promise<void> => (await opened)?.plain.destroy(),
  };
};

/**
 * @param address its path ends with `/`
 * @param key in plain text; empty for none
 */
export const createLanraragiServer = (
  address: URL,
  key: string,
  network: Network,
  timeouts: RequestTimeouts = defaultTimeouts,
): LanraragiServer => {
  const connections = createConnections(trusted(network), timeouts);
  const authorization = key === "" ? {} : { authorization: `Bearer ${Buffer.from(key).toString("base64")}` };

  const send = async (request: Request, headers: Record<string, string>, ms: number) => {
    const { method, path, body, once } = request;
    const limit = AbortSignal.timeout(ms);
    const signal = request.signal ? AbortSignal.any([limit, request.signal]) : limit;
    const url = new URL(`api/${path}`, address);
    const { plain, patient } = await connections.get();
    const response = await (once ? plain : patient).request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: { ...authorization, ...headers },
      signal,
      ...(body !== undefined && { body: body as Dispatcher.DispatchOptions["body"] }),
    } as Dispatcher.RequestOptions);
    // The caller may give up before it reads the body.
    surviveErrors(response.body);
    return { response, signal };
  };

  const guarded = async <T>(request: Request, work: () => Promise<T>): Promise<T> => {
    const { signal } = request;
    try {
      signal?.throwIfAborted();
      return await untilAborted(work(), signal);
    } catch (cause) {
      if (isGivenUp(signal)) throw cause;
      throw unreachable(cause);
    }
  };

  const answered = (request: Request, expected: readonly number[]) =>
    guarded(request, async () => {
      const { response, signal } = await send(
        request,
        { "accept-encoding": ACCEPT_ENCODING },
        timeouts.answerMs,
      );
      const { statusCode: status, headers, body } = response;
      if (status !== 200 && !expected.includes(status)) {
        discardBody(response.body);
        throw statusFault(status, request);
      }
      const encoding = String(headers["content-encoding"] ?? "");
      const refuse = (): HitagiError => notLanraragi(`its answer to ${nameOf(request)} cannot be taken`);
      const limits = { maxBytes: MAX_JSON, tooLarge: refuse, unknownEncoding: refuse, signal };
      const { bytes } = await readBody(body, encoding, undefined, limits);
      return { status, body: jsonOf(bytes, status, request) };
    });

  return {
    address: address.href,
    json: (request, expected = []) =>
      answered(request, expected).catch((error: unknown) => {
        // A JSON answer that was cut off cannot be resumed, as a file can.
        if (request.method === "GET" && isBrokenOff(error)) return answered(request, expected);
        throw error;
      }),
    file: (request, expected = []) =>
      guarded(request, async () => {
        const { response } = await send(request, { "accept-encoding": "identity" }, timeouts.fileMs);
        const { statusCode: status } = response;
        if (status !== 200 && !expected.includes(status)) {
          discardBody(response.body);
          throw statusFault(status, request);
        }
        const length = Number(response.headers["content-length"] ?? Number.NaN);
        const body = Readable.from(withHitagiErrors(response.body), { objectMode: false });
        return { status, body, length: Number.isSafeInteger(length) ? length : undefined };
      }),
    close: connections.close,
  };
};
