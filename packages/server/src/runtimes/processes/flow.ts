import type { Readable } from "node:stream";

/** What a process may send in the long run, a second; four times as much at once. */
const BYTES_A_SECOND = 16 * 1024 * 1024;
const MESSAGES_A_SECOND = 5000;
const BURST_SECONDS = 4;
/** What a value costs the server to parse and check, as bytes of plain text that would cost as much. */
const BYTES_A_VALUE = 64;

/** An allowance that fills up at a steady rate. */
export interface Allowance {
  /** Takes an amount, which may leave the allowance below nothing. */
  take(amount: number): void;
  /** Seconds until there is something to take again; 0 where there is now. */
  wait(): number;
}

export const createAllowance = (perSecond: number, burst: number): Allowance => {
  let left = burst;
  let at = performance.now();
  const fill = (): void => {
    const now = performance.now();
    left = Math.min(burst, left + ((now - at) / 1000) * perSecond);
    at = now;
  };
  return {
    take: (amount) => {
      left -= amount;
      if (left < 0) fill();
    },
    wait: () => {
      if (left < 0) fill();
      return left < 0 ? -left / perSecond : 0;
    },
  };
};

/**
 * Reads a process's output no faster than it may speak: one that floods is not read for a while, so that its own
 * writes wait and nobody else does. Results do not count as messages: there are never more than calls.
 */
export const createFlow = (output: Readable) => {
  const bytes = createAllowance(BYTES_A_SECOND, BYTES_A_SECOND * BURST_SECONDS);
  const messages = createAllowance(MESSAGES_A_SECOND, MESSAGES_A_SECOND * BURST_SECONDS);
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
