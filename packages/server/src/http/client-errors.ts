import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { HitagiError } from "@hitagi/contract";
import { errorResponse, validationResponse } from "./errors.ts";
import { ValidationError } from "./validation.ts";

/** Bytes of the request line and the headers together. This is Node's default; the error message names it. */
export const MAX_HEADER_BYTES = 16 * 1024;

/** The response to an error of Node's parser. There is no request yet, so the operation is unknown. */
const responseTo = (error: NodeJS.ErrnoException & { reason?: string }, headersMs: number) => {
  if (error.code === "HPE_HEADER_OVERFLOW") {
    return errorResponse("unknown", new HitagiError("HEADERS_TOO_LARGE", { limit: MAX_HEADER_BYTES }));
  }
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") {
    const seconds = Math.ceil(headersMs / 1000);
    return errorResponse("unknown", new HitagiError("REQUEST_TIMEOUT", { seconds }));
  }
  const reason = error.reason ? `: ${error.reason}` : "";
  const message = `Not valid HTTP${reason}.`;
  return validationResponse("unknown", new ValidationError([{ path: "/", message }]));
};

/** Responds to bytes that are no request, and closes the connection: the next request's start is unknown. */
export const createClientErrorHandler =
  (headersMs: number) =>
  (error: NodeJS.ErrnoException, socket: Socket): void => {
    if (error.code === "ECONNRESET" || socket.destroyed) return;
    if (!socket.writable) return void socket.destroy(error);
    const { status, body } = responseTo(error, headersMs);
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
