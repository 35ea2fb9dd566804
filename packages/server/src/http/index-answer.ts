import { Readable } from "node:stream";
import { api } from "@hitagi/contract";
import type { Refreshed } from "../catalog/types.ts";

/** Bytes written at once: enough to be quick, little enough to leave other answers their turns. */
const PIECE = 256 * 1024;

const answer = function* ({ index, ...rest }: Refreshed): Generator<Buffer> {
  const head = { operation: api.refreshRegistry.operation, success: 1, error: null, ...rest };
  yield Buffer.from(`${JSON.stringify(head).slice(0, -1)},"index":`);
  for (let from = 0; from < index.length; from += PIECE) yield index.subarray(from, from + PIECE);
  yield Buffer.from("}");
};

/**
 * The answer of a refresh. The index may be 100 MB of JSON that was checked a moment ago, so its bytes go out as they
 * are and in pieces, neither parsed nor copied again.
 */
export const indexAnswer = (refreshed: Refreshed): Readable =>
  Readable.from(answer(refreshed), { objectMode: true, highWaterMark: 2 });
