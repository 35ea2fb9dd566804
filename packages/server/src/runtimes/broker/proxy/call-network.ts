import { createServer, type Server, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { CallNetwork, CallScope } from "../../types.ts";
import type { ProxyDeps, ProxyExchange } from "./exchange.ts";
import { plainRequest } from "./plain-request.ts";
import { tunnel } from "./tunnel.ts";

/** Connections of one call at once. */
const MAX_CONNECTIONS = 64;

const MAX_HEADER_BYTES = 64 * 1024;

/** Requests of one connection at once. Clients of plugins send the next one after the answer. */
const MAX_PIPELINED = 4;

/** Bytes that are parsed without a pause: less than a hundred requests. */
const PIECE = 2048;

async function* piecesOf(connection: Socket): AsyncGenerator<Buffer> {
  for await (const chunk of connection as AsyncIterable<Buffer>)
    for (let at = 0; at < chunk.length; at += PIECE) {
      yield chunk.subarray(at, at + PIECE);
      await nextTurn();
    }
}

/** The same connection, whose bytes come in small pieces: one chunk could hold thousands of requests. */
const inPieces = (connection: Socket): Duplex =>
  Duplex.from({ readable: piecesOf(connection), writable: connection });

/** Whether one more request of a connection may begin, until `end`. */
const createPipelines = () => {
  const running = new WeakMap<Duplex, number>();
  const count = (connection: Duplex): number => running.get(connection) ?? 0;
  return {
    begin: (connection: Duplex): boolean => {
      running.set(connection, count(connection) + 1);
      return count(connection) <= MAX_PIPELINED;
    },
    end: (connection: Duplex): void => void running.set(connection, count(connection) - 1),
  };
};

/** An error as an answer to the plugin. */
const answerOf = (error: HitagiError): { status: number; text: string } => {
  const denied = error.code === "CAPABILITY_DENIED";
  return {
    status: denied ? 403 : error.code === "REQUEST_FAILED" ? 502 : error.status,
    text: `${error.message}\n`,
  };
};

const refuseTunnel = (client: Duplex, error: HitagiError): void => {
  const { status, text } = answerOf(error);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(text)}`;
  client.end(`${head}\r\n\r\n${text}`);
};

const createProxy = (exchange: ProxyExchange, onRefused: (error: HitagiError) => void): Server => {
  const errorOf = (cause: unknown): HitagiError => {
    const error = isHitagiError(cause)
      ? cause
      : new HitagiError("CAPABILITY_FAILED", { capability: "fetch" }, { cause });
    onRefused(error);
    return error;
  };
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, insecureHTTPParser: false });
  // They are counted, not cut off.
  server.maxHeadersCount = 0;
  // A connection ends when it is idle, or with the call.
  server.keepAliveTimeout = 0;
  const pipelines = createPipelines();
  server.on("request", (request, response) => {
    const { socket } = request;
    if (!pipelines.begin(socket)) {
      socket.destroy();
      return;
    }
    response.once("close", () => pipelines.end(socket));
    plainRequest(exchange, request, response).catch((cause: unknown) => {
      const { status, text } = answerOf(errorOf(cause));
      if (response.headersSent) response.destroy();
      else response.writeHead(status, { "content-type": "text/plain", connection: "close" }).end(text);
    });
  });
  server.on("connect", (request, client: Duplex, head: Buffer) => {
    client.on("error", () => {});
    tunnel(exchange, request.url ?? "", client, head).catch((cause: unknown) =>
      refuseTunnel(client, errorOf(cause)),
    );
  });
  return server;
};

/**
 * Opens the network of one call: an HTTP proxy over connections of the plugin, with the call's grants. It takes requests in
 * absolute form and tunnels (RFC 9112 §3.2.2, §3.2.3), and ends with the call.
 * @param tellRefusal is told of each request that was refused or failed, while the call runs
 */
export const createCallNetwork = (
  deps: ProxyDeps,
  scope: CallScope,
  tellRefusal: (error: HitagiError, signal: AbortSignal) => void,
): CallNetwork => {
  const ended = new AbortController();
  const open = new Set<Socket>();
  let refused: HitagiError | undefined;
  let proxy: Server | undefined;

  const proxyOf = (): Server =>
    createProxy({ ...deps, scope, signal: ended.signal }, (error) => {
      if (ended.signal.aborted) return;
      refused = error;
      tellRefusal(error, ended.signal);
    });

  return {
    serve(connection) {
      connection.on("error", () => {});
      if (ended.signal.aborted || open.size >= MAX_CONNECTIONS) {
        connection.destroy();
        return;
      }
      open.add(connection);
      connection.once("close", () => open.delete(connection));
      connection.setTimeout(deps.limits.idleMs, () => connection.destroy());
      proxy ??= proxyOf();
      proxy.emit(
        "connection",
        inPieces(connection).on("error", () => {}),
      );
    },
    refused: () => refused,
    close() {
      ended.abort();
      for (const connection of open) connection.destroy();
    },
  };
};
