import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { connectGranted } from "../../../net/connections.ts";
import { discardBody, headerFields, type ResponseHeaders } from "../../../net/response-headers.ts";
import { type HeaderList, HOST_HEADERS, invalidRequest, PLUGIN_METHODS } from "../plugin-request.ts";
import { denied, noteRefusal } from "../recorded-request.ts";
import { countBytes, notGranted, type ProxyExchange, reachOf, recorded, tooLarge } from "./exchange.ts";

const MAX_HEADERS = 128;

const pairsOf = (raw: readonly string[]): HeaderList =>
  raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1] ?? ""] as const] : []));

/** The headers for the next hop: without those of this connection (RFC 9110 §7.6.1). */
const endToEnd = (pairs: HeaderList): HeaderList => {
  const named = pairs
    .filter(([name]) => name.toLowerCase() === "connection")
    .flatMap(([, value]) =>
      value
        .toLowerCase()
        .split(",")
        .map((token) => token.trim()),
    );
  return pairs.filter(([name]) => !HOST_HEADERS.test(name) && !named.includes(name.toLowerCase()));
};

/** Headers of an answer, with the bytes that came. Its length stays: the body is not decoded. */
const answerHeaders = (headers: ResponseHeaders): string[] => {
  const pairs = headerFields(headers);
  const length = pairs.filter(([name]) => name === "content-length");
  return [...endToEnd(pairs), ...length].flat();
};

/** The whole body, so that the host is told its length. @throws HitagiError CAPABILITY_LIMIT */
const bodyOf = async (request: IncomingMessage, max: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of countBytes(max).pass(request)) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** The address of a request in absolute form (RFC 9112 §3.2.2). @throws HitagiError CAPABILITY_INVALID */
const targetOf = ({ url = "", rawHeaders }: IncomingMessage): URL => {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
    throw invalidRequest("the proxy needs a whole address");
  if (rawHeaders.length > 2 * MAX_HEADERS) throw invalidRequest(`more than ${MAX_HEADERS} headers`);
  return new URL(url);
};

/**
 * Answers a request in absolute form. The request is made anew: only the server sets its framing and its Host.
 * @throws HitagiError as `recorded`, or CAPABILITY_INVALID; the plugin has no answer then, or half of one
 */
export const plainRequest = async (
  exchange: ProxyExchange,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const url = targetOf(request);
  const { scope, signal, throttle, limits } = exchange;
  const method = PLUGIN_METHODS.find((name) => name === request.method);
  if (method === undefined) throw invalidRequest(`${request.method} is not a method of plugins`);
  const exchangeOnce = async () => {
    const connection = await connectGranted(exchange, {
      namespace: scope.namespace,
      url,
      reach: reachOf(scope, url),
      denied: (reason) => denied(url, reason),
      notGranted,
      signal,
    });
    const body = await bodyOf(request, limits.requestBytes);
    const answer = await connection.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: endToEnd(pairsOf(request.rawHeaders)).flat(),
      body: body.length > 0 ? body : null,
      bodyTimeout: limits.idleMs,
      headersTimeout: limits.idleMs,
      signal,
    });
    noteRefusal(scope, url, answer.statusCode, answer.headers["retry-after"]);
    const length = Number(answer.headers["content-length"] ?? 0);
    if (method !== "HEAD" && length > limits.responseBytes) {
      discardBody(answer.body);
      throw tooLarge(limits.responseBytes);
    }
    response.writeHead(answer.statusCode, answerHeaders(answer.headers));
    const received = countBytes(limits.responseBytes);
    await pipeline(answer.body, received.pass, response, { signal });
    return { outcome: answer.statusCode, bytes: received.bytes() };
  };
  await recorded(exchange, method, url, () => throttle(scope.namespace, signal, exchangeOnce));
};
