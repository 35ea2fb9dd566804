import type { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { createByteLimit } from "../async/byte-limit.ts";
import { surviveErrors } from "../async/stream-errors.ts";

const CHUNK = 64 * 1024;

const decoders: Record<string, () => Transform> = {
  gzip: () => createGunzip({ chunkSize: CHUNK }),
  "x-gzip": () => createGunzip({ chunkSize: CHUNK }),
  br: () => createBrotliDecompress({ chunkSize: CHUNK }),
  deflate: () => createInflate({ chunkSize: CHUNK }),
};

/** The encodings that {@link readBody} undoes, for Accept-Encoding. */
export const ACCEPT_ENCODING = "gzip, br, deflate";

/** What a client allows of a body. */
export interface BodyPolicy {
  maxBytes: number;
  /** The error for a body that is larger. */
  tooLarge: () => Error;
  /** The error for an unknown encoding; where not given, the body stays encoded. */
  unknownEncoding?: (encoding: string) => Error;
  signal: AbortSignal;
}

export interface Body {
  bytes: Buffer;
  /** Whether an encoding was undone, so that the headers about it no longer hold. */
  decoded: boolean;
}

const decoderFor = (encoding: string, { unknownEncoding }: BodyPolicy): Transform | undefined => {
  if (encoding === "" || encoding === "identity") return undefined;
  if (Object.hasOwn(decoders, encoding)) return decoders[encoding]?.();
  if (unknownEncoding) throw unknownEncoding(encoding);
  return undefined;
};

const bounded = ({ maxBytes, tooLarge }: BodyPolicy, slack = 0) =>
  createByteLimit(maxBytes + slack, tooLarge).pass;

/**
 * Reads a body and undoes its encoding. Bytes are counted before decoding (an endless row of empty gzip members decodes to
 * nothing) and after it (a bomb decodes to everything).
 * @param encoding the Content-Encoding header
 * @param length the Content-Length header as a number, or undefined
 * @throws the errors of the policy, or of the streams
 */
export const readBody = async (
  body: Readable,
  encoding: string,
  length: number | undefined,
  policy: BodyPolicy,
): Promise<Body> => {
  surviveErrors(body);
  const decoder = decoderFor(encoding.trim().toLowerCase(), policy);
  // Data that cannot be compressed grows a little by its framing.
  const slack = decoder ? CHUNK : 0;
  if (length !== undefined && length > policy.maxBytes + slack) throw policy.tooLarge();
  const chunks: Buffer[] = [];
  const collect = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) chunks.push(chunk);
  };
  const options = { signal: policy.signal };
  if (decoder) await pipeline(body, bounded(policy, slack), decoder, bounded(policy), collect, options);
  else await pipeline(body, bounded(policy), collect, options);
  const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
  return { bytes, decoded: decoder !== undefined };
};
