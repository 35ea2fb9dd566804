import type { Readable } from "node:stream";
import { surviveErrors } from "../async/stream-errors.ts";

/** Header fields that an answer may have; their bytes are limited by the connection. */
export const MAX_HEADERS = 512;

/** The number of fields; a repeated field counts each time. */
export const countHeaders = (headers: Record<string, string | string[] | undefined>): number =>
  Object.values(headers).reduce((count, value) => count + (Array.isArray(value) ? value.length : 1), 0);

/** Ends a body that is not read, and ignores its errors. */
export const discardBody = (body: Readable): void => {
  surviveErrors(body).destroy();
};
