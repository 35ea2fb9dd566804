import type { Readable } from "node:stream";
import { createTokenBucket } from "../../async/token-bucket.ts";

const BYTES_PER_SECOND = 16 * 1024 * 1024;
const MESSAGES_PER_SECOND = 5000;
const BURST_SECONDS = 4;
/** Parsing and checking one JSON value costs the server as much as so many bytes of plain text. */
const BYTES_PER_VALUE = 64;

/** Limits the rate at which output is read. Results are not counted: there are never more than calls. */
export const createBackpressure = (output: Readable) => {
  const bytes = createTokenBucket(BYTES_PER_SECOND, BYTES_PER_SECOND * BURST_SECONDS);
  const messages = createTokenBucket(MESSAGES_PER_SECOND, MESSAGES_PER_SECOND * BURST_SECONDS);
  let timer: NodeJS.Timeout | undefined;
  const resume = (): void => {
    timer = undefined;
    output.resume();
  };
  return {
    countMessage: () => messages.take(1),
    /** @param values about how many values a message holds */
    countValues: (values: number) => {
      if (values > 0) bytes.take(values * BYTES_PER_VALUE);
    },
    /** Called for each chunk, after its messages were counted. */
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
