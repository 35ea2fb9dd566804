import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { HitagiError } from "@hitagi/contract";
import { envelope, invalid } from "./errors.ts";
import { RequestInvalid } from "./validation.ts";

/** Bytes of the request line and headers in all; Node's own default, stated because the answer names it. */
export const MAX_HEADER_BYTES = 16 * 1024;

/** What Node's parser found wrong, in the failures' one shape. It has no request yet, and so no operation. */
const answerOf = (error: NodeJS.ErrnoException & { reason?: string }, headersMs: number) => {
  if (error.code === "HPE_HEADER_OVERFLOW") {
    return envelope("unknown", new HitagiError("HEADERS_TOO_LARGE", { limit: MAX_HEADER_BYTES }));
  }
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return envelope("unknown", new HitagiError("REQUEST_TIMEOUT", { seconds: Math.ceil(headersMs / 1000) }));
  }
  const reason = error.reason ? `: ${error.reason}` : "";
  return invalid("unknown", new RequestInvalid([{ path: "/", message: `Not valid HTTP${reason}.` }]));
};

/**
 * Answers what is refused before it is a request: bytes that are no HTTP, unknown methods, header lines that are too
 * many or too slow. The connection ends with it, because where the next request would begin is not known.
 */
export const createClientErrorHandler =
  (headersMs: number) =>
  (error: NodeJS.ErrnoException, socket: Socket): void => {
    if (error.code === "ECONNRESET" || socket.destroyed) return;
    if (!socket.writable) return void socket.destroy(error);
    const { status, body } = answerOf(error, headersMs);
    const text = JSON.stringify(body);
    socket.end(
      [
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
        "Content-Type: application/json; charset=utf-8",
        `Content-Length: ${Buffer.byteLength(text)}`,
        "X-Content-Type-Options: nosniff",
        "Connection: close",
        "",
        text,
      ].join("\r\n"),
      () => socket.destroy(),
    );
  };
