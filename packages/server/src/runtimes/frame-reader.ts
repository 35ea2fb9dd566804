/** Bytes that are no frame, or a frame over its limit. */
export class FrameError extends Error {
  override name = "FrameError";
}

/** Bytes of the length before each payload, big-endian. */
export const HEADER_BYTES = 4;

/** First buffer for a payload that does not arrive in one piece. */
const INITIAL_BUFFER = 64 * 1024;

/** Must not keep the bytes. */
type OnPayload = (payload: Uint8Array) => void;

/**
 * Splits a stream of bytes into payloads, and trusts no length: it allocates at most twice the bytes received of a payload, and copies each byte a
 * bounded number of times, however small the chunks are. Runs on both sides of the pipe.
 * @param max largest payload in bytes
 */
export const createFrameReader = (max: number) => {
  let header = 0;
  let headerBytes = 0;
  let need = 0;
  let body = new Uint8Array(0);
  let have = 0;

  const begin = (length: number): void => {
    if (length === 0) throw new FrameError("an empty frame");
    if (length > max) throw new FrameError(`a frame of ${length} bytes is over the limit of ${max}`);
    need = length;
  };

  const append = (part: Uint8Array): void => {
    if (have + part.length > body.length) {
      const grown = new Uint8Array(Math.min(need, Math.max(INITIAL_BUFFER, (have + part.length) * 2)));
      grown.set(body.subarray(0, have));
      body = grown;
    }
    body.set(part, have);
    have += part.length;
  };

  const finish = (payload: Uint8Array, onPayload: OnPayload): void => {
    need = 0;
    have = 0;
    body = new Uint8Array(0);
    onPayload(payload);
  };

  return {
    /** Passes on the payloads that these bytes complete. @throws FrameError for a length of 0 or over the limit */
    push: (chunk: Uint8Array, onPayload: OnPayload): void => {
      let at = 0;
      while (at < chunk.length) {
        if (need === 0) {
          header = header * 256 + (chunk[at++] ?? 0);
          if (++headerBytes < HEADER_BYTES) continue;
          const length = header;
          header = 0;
          headerBytes = 0;
          begin(length);
          continue;
        }
        const part = chunk.subarray(at, at + need - have);
        at += part.length;
        if (part.length === need) finish(part, onPayload);
        else {
          append(part);
          if (have === need) finish(body.subarray(0, have), onPayload);
        }
      }
    },
  };
};
