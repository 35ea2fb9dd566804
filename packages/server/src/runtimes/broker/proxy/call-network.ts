import { createServer, type Server, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { CallNetwork, CallScope } from "../../types.ts";
import type { ProxyDeps, ProxyExchange } from "./exchange.ts";
import { plainRequest } from "./plain-request.ts";
import { tunnel } from "./tunnel.ts";

/** Connections of one call at once. */
const MAX_CONNECTIONS = 64;

const MAX_HEADER_BYTES = 64 * 1024;

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
  server.on("request", (request, response) => {
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
 */
export const createCallNetwork = (deps: ProxyDeps, scope: CallScope): CallNetwork => {
  const ended = new AbortController();
  const open = new Set<Socket>();
  let refused: HitagiError | undefined;
  let proxy: Server | undefined;

  const proxyOf = (): Server =>
    createProxy({ ...deps, scope, signal: ended.signal }, (error) => {
      if (!ended.signal.aborted) refused = error;
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
      proxy.emit("connection", connection);
    },
    refused: () => refused,
    close() {
      ended.abort();
      for (const connection of open) connection.destroy();
    },
  };
};
