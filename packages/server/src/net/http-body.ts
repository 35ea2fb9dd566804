import type { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from "node:zlib";
import { createByteLimit } from "../async/byte-limit.ts";
import { surviveErrors } from "../async/stream-errors.ts";

const CHUNK = 64 * 1024;

type Chunks = AsyncIterable<Buffer>;
type Decoder = (source: Chunks) => AsyncGenerator<Buffer>;

/** A decoder that is a stream of zlib. */
const through = (makeStream: () => Transform): Decoder =>
  async function* (source) {
    const stream = makeStream();
    const feeding = pipeline(source, stream);
    // The reading of the decoded bytes throws it.
    feeding.catch(() => {});
    yield* stream;
    await feeding;
  };

/** Whether bytes are of the format zlib (RFC 1950 §2.2), and not bare deflate (RFC 1951). */
const isZlib = ([first = 0]: Buffer): boolean => (first & 0x0f) === 8 && first >> 4 <= 7;

/** Decodes deflate, which is the format zlib (RFC 9110 §8.4.1.2). Some servers send bare deflate. */
const inflateEither: Decoder = async function* (source) {
  const chunks = source[Symbol.asyncIterator]();
  const { value: first, done } = await chunks.next();
  if (done) return;
  const all = async function* () {
    yield first;
    yield* { [Symbol.asyncIterator]: () => chunks };
  };
  const inflate = isZlib(first) ? createInflate : createInflateRaw;
  yield* through(() => inflate({ chunkSize: CHUNK }))(all());
};

const gunzip = through(() => createGunzip({ chunkSize: CHUNK }));

const decoders: Record<string, Decoder> = {
  gzip: gunzip,
  "x-gzip": gunzip,
  br: through(() => createBrotliDecompress({ chunkSize: CHUNK })),
  deflate: inflateEither,
};

/** The most encodings of one body. */
const MAX_ENCODINGS = 3;

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

/** The decoders of a Content-Encoding, which lists the encodings in the order of their application (RFC 9110 §8.4). */
const decodersFor = (header: string, { unknownEncoding }: BodyPolicy): Decoder[] => {
  const encodings = header
    .toLowerCase()
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "" && one !== "identity");
  const isKnown = (encoding: string) => Object.hasOwn(decoders, encoding);
  if (encodings.length <= MAX_ENCODINGS && encodings.every(isKnown))
    return encodings.reverse().flatMap((encoding) => decoders[encoding] ?? []);
  if (unknownEncoding) throw unknownEncoding(header.trim());
  return [];
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
  const decoding = decodersFor(encoding, policy);
  // Data that cannot be compressed grows a little by its framing.
  const slack = decoding.length > 0 ? CHUNK : 0;
  if (length !== undefined && length > policy.maxBytes + slack) throw policy.tooLarge();
  const chunks: Buffer[] = [];
  const collect = async (source: Chunks) => {
    for await (const chunk of source) chunks.push(chunk);
  };
  const steps = [...decoding.flatMap((decoder) => [bounded(policy, slack), decoder]), bounded(policy)];
  const decode = (source: Chunks): Chunks => steps.reduce((all, step) => step(all), source);
  await pipeline(body, decode, collect, { signal: policy.signal });
  const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
  return { bytes, decoded: decoding.length > 0 };
};
