import type { Readable } from "node:stream";
import { createTokenBucket } from "../../async/token-bucket.ts";

/** What a process may send in the long run, a second; four times as much at once. */
const BYTES_A_SECOND = 16 * 1024 * 1024;
const MESSAGES_A_SECOND = 5000;
const BURST_SECONDS = 4;
/** What a value costs the server to parse and check, as bytes of plain text that would cost as much. */
const BYTES_A_VALUE = 64;

/**
 * Reads a process's output no faster than it may speak: one that floods is not read for a while, so that its own
 * writes wait and nobody else does. Results do not count as messages: there are never more than calls.
 */
export const createFlow = (output: Readable) => {
  const bytes = createTokenBucket(BYTES_A_SECOND, BYTES_A_SECOND * BURST_SECONDS);
  const messages = createTokenBucket(MESSAGES_A_SECOND, MESSAGES_A_SECOND * BURST_SECONDS);
  let timer: NodeJS.Timeout | undefined;
  const resume = (): void => {
    timer = undefined;
    output.resume();
  };
  return {
    countMessage: () => messages.take(1),
    /** Called for each message with about how many values it holds. */
    countValues: (values: number) => {
      if (values > 0) bytes.take(values * BYTES_A_VALUE);
    },
    /** Called once a chunk, after what it held was counted. */
    countChunk: (length: number) => {
      bytes.take(length);
      const seconds = Math.max(bytes.wait(), messages.wait());
      if (seconds === 0 || timer) return;
      output.pause();
      timer = setTimeout(resume, seconds * 1000);
    },
    stop: () => clearTimeout(timer),
  };
};
