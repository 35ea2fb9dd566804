import { isUtf8 } from "node:buffer";
import { createFrameReader, FrameError, HEADER_BYTES } from "./frame-reader.ts";
import { shapeOfJson } from "./json-shape.ts";
import { MAX_FRAME_FROM_PLUGIN, MAX_FRAME_TO_PLUGIN } from "./protocol-limits.ts";

export { FrameError };

/** One message: a JSON object. */
export type Frame = Record<string, unknown>;

/**
 * A frame's bytes: the length of the payload in 4 bytes, big-endian, then JSON in UTF-8.
 * @throws FrameError if it is larger than `max` bytes or cannot be written as JSON
 */
export const encodeFrame = (frame: object, max: number = MAX_FRAME_TO_PLUGIN): Buffer => {
  const text = orFrameError(() => JSON.stringify(frame), "a frame cannot be written as JSON");
  const length = Buffer.byteLength(text);
  if (length > max) throw new FrameError(`a frame of ${length} bytes is over the limit of ${max}`);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + length);
  bytes.writeUInt32BE(length, 0);
  bytes.write(text, HEADER_BYTES, "utf8");
  return bytes;
};

const orFrameError = <T>(work: () => T, message: string): T => {
  try {
    return work();
  } catch (cause) {
    throw new FrameError(message, { cause });
  }
};

/** Gets a frame, and about how many values it holds. */
type OnFrame = (frame: Frame, values: number) => void;

/**
 * A decoder for the output of a plugin's process, all of which may be hostile.
 * @param max largest frame in bytes
 */
export const createFrameDecoder = (max: number = MAX_FRAME_FROM_PLUGIN) => {
  const reader = createFrameReader(max);
  let failed: FrameError | undefined;
  return {
    /** Decodes the frames that these bytes complete. After a FrameError, every call throws the same one. */
    push: (chunk: Uint8Array, onFrame: OnFrame): void => {
      if (failed) throw failed;
      try {
        reader.push(chunk, (payload) => parseFrame(payload, onFrame));
      } catch (e) {
        if (e instanceof FrameError) failed = e;
        throw e;
      }
    },
  };
};

/** @throws FrameError if the bytes are not UTF-8, not JSON, too deep, of too many values, or no object */
const parseFrame = (payload: Uint8Array, onFrame: OnFrame): void => {
  if (!isUtf8(payload)) throw new FrameError("a frame is not UTF-8");
  const { fault, values } = shapeOfJson(payload);
  if (fault !== undefined) throw new FrameError(`a frame ${fault}`);
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const frame: unknown = orFrameError(() => JSON.parse(bytes.toString("utf8")), "a frame is not JSON");
  if (typeof frame !== "object" || frame === null || Array.isArray(frame)) {
    throw new FrameError("a frame is no JSON object");
  }
  onFrame(frame as Frame, values);
};
