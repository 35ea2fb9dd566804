import type { Readable } from "node:stream";
import { surviveErrors } from "../async/stream-errors.ts";

/** The headers of an answer, as undici gives them. */
export type ResponseHeaders = Record<string, string | string[] | undefined>;

/** Header fields that an answer may have; their bytes are limited by the connection. */
export const MAX_HEADERS = 512;

/** The number of fields; a repeated field counts each time. */
export const countHeaders = (headers: ResponseHeaders): number =>
  Object.values(headers).reduce((count, value) => count + (Array.isArray(value) ? value.length : 1), 0);

/** Each field with its name; a repeated field comes several times. */
export const headerFields = (headers: ResponseHeaders): (readonly [name: string, value: string])[] =>
  Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((text) => [name, text] as const),
  );

/** Ends a body that is not read, and ignores its errors. */
export const discardBody = (body: Readable): void => {
  surviveErrors(body).destroy();
};
