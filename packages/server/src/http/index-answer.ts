import { Readable } from "node:stream";
import { api } from "@hitagi/contract";
import type { Refreshed } from "../catalog/types.ts";

/** Characters written at once: enough to be quick, little enough to hold no second copy of a large index. */
const PIECE = 256 * 1024;

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;

/** Cuts text in pieces, never between the two halves of a character. */
export const piecesOf = function* (text: string, size: number): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const end = Math.min(from + size, text.length);
    const to = end < text.length && isHighSurrogate(text.charCodeAt(end - 1)) ? end + 1 : end;
    yield text.slice(from, to);
    from = to;
  }
};

const answer = function* ({ index, ...rest }: Refreshed): Generator<string> {
  const head = { operation: api.refreshRegistry.operation, success: 1, error: null, ...rest };
  yield `${JSON.stringify(head).slice(0, -1)},"index":`;
  yield* piecesOf(index, PIECE);
  yield "}";
};

/**
 * The answer of a refresh. The index may be 100 MB of JSON that was checked a moment ago, so its text goes out as it
 * is and in pieces, neither parsed nor copied again.
 */
export const indexAnswer = (refreshed: Refreshed): Readable =>
  Readable.from(answer(refreshed), { objectMode: true, highWaterMark: 2 });
