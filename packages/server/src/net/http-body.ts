import type { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { HitagiError } from "@hitagi/contract";

const CHUNK = 64 * 1024;

const decoders: Record<string, () => Transform> = {
  gzip: () => createGunzip({ chunkSize: CHUNK }),
  "x-gzip": () => createGunzip({ chunkSize: CHUNK }),
  br: () => createBrotliDecompress({ chunkSize: CHUNK }),
  deflate: () => createInflate({ chunkSize: CHUNK }),
};

export const ACCEPT_ENCODING = "gzip, br, deflate";

export interface BodyLimits {
  /** The name that errors give. */
  file: string;
  maxBytes: number;
  signal: AbortSignal;
}

const decoderFor = (encoding: string): Transform | undefined => {
  if (encoding === "" || encoding === "identity") return undefined;
  const make = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined;
  if (make) return make();
  throw new HitagiError("SOURCE_UNREACHABLE", { reason: `it sent an unknown encoding, ${encoding}` });
};

/** Passes chunks on until there are more bytes than the limit. */
const bounded = ({ file, maxBytes }: BodyLimits, slack = 0) =>
  async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > maxBytes + slack)
        throw new HitagiError("SOURCE_TOO_LARGE", { path: file, limit: maxBytes });
      yield chunk;
    }
  };

/**
 * Reads a body and undoes its encoding. Bytes are counted as they come, before decoding (an endless row of empty
 * gzip members decodes to nothing) and after it (a bomb decodes to everything).
 * @param encoding the Content-Encoding header
 * @param length the Content-Length header as a number, or undefined
 * @throws HitagiError SOURCE_TOO_LARGE, SOURCE_UNREACHABLE (an unknown encoding), or what the streams throw
 */
export const readBody = async (
  body: Readable,
  encoding: string,
  length: number | undefined,
  limits: BodyLimits,
): Promise<Buffer> => {
  const decoder = decoderFor(encoding.trim().toLowerCase());
  // Data that cannot be compressed grows a little by its framing.
  const slack = decoder ? CHUNK : 0;
  if (length !== undefined && length > limits.maxBytes + slack) {
    throw new HitagiError("SOURCE_TOO_LARGE", { path: limits.file, limit: limits.maxBytes });
  }
  const chunks: Buffer[] = [];
  const collect = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) chunks.push(chunk);
  };
  const options = { signal: limits.signal };
  if (decoder) await pipeline(body, bounded(limits, slack), decoder, bounded(limits), collect, options);
  else await pipeline(body, bounded(limits), collect, options);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
};
