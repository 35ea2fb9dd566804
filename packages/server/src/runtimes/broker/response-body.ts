import { type Readable, type Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip } from "node:zlib";
import { HitagiError } from "@hitagi/contract";

export const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

/** The codings that the host asks for; any other is handed to the plugin as it came. */
const decoders = new Map<string, () => Transform>([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["br", createBrotliDecompress],
]);
export const ACCEPT_ENCODING = "gzip, br";

/** Collects bytes up to a limit, counted as they come, so that no more than the limit is ever held. */
const collector = (limit: number) => {
  const chunks: Buffer[] = [];
  let size = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > limit) {
        done(new HitagiError("CAPABILITY_LIMIT", { reason: `the answer is larger than ${limit} bytes` }));
        return;
      }
      chunks.push(chunk);
      done();
    },
  });
  return { sink, bytes: () => Buffer.concat(chunks) };
};

export interface ReadBody {
  bytes: Buffer;
  /** Whether a coding was taken off, so that the headers that speak of it no longer hold. */
  decoded: boolean;
}

/**
 * Reads a whole body, unpacked where it is gzip or Brotli. The limit holds for what is unpacked, so a small file
 * that unpacks to a large one stops at the limit.
 * @throws HitagiError CAPABILITY_LIMIT; what the stream throws
 */
export const readBody = async (
  body: Readable,
  encoding: string,
  limit: number,
  signal: AbortSignal,
): Promise<ReadBody> => {
  const { sink, bytes } = collector(limit);
  const decoder = decoders.get(encoding.trim().toLowerCase());
  const stages = decoder ? [body, decoder(), sink] : [body, sink];
  await pipeline(stages, { signal });
  return { bytes: bytes(), decoded: decoder !== undefined };
};
