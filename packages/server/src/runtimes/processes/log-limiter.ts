import { createTokenBucket, type TokenBucket } from "../../async/token-bucket.ts";

/** Lines of a burst that are kept at its start, and at its end. */
const KEPT = 500;
/** Lines of a plugin that logs all the time. */
const LINES_PER_SECOND = 100;
/** Milliseconds between two looks at lines that wait. */
const CATCH_UP_MS = 1000;
/** Characters that are kept of a line. */
const MAX_TEXT = 4096;

export interface LogLine {
  level: string;
  text: string;
}

/** Where a line goes: the log of its call. */
export type WriteLine = (line: LogLine) => void;

/** The first characters, in memory of their own: a slice would keep the whole message. */
const shortened = (text: string): string =>
  text.length > MAX_TEXT ? Buffer.from(text.slice(0, MAX_TEXT)).toString() : text;

/**
 * Limits the log of one process. Of a burst, the first 500 lines are written at once. The last 500 are written when the rate
 * allows it, or when a call or the process ends; one line says how many are left out between them.
 */
export const createLogLimiter = () => {
  const atOnce = createTokenBucket(LINES_PER_SECOND, KEPT);
  const atEnd = createTokenBucket(LINES_PER_SECOND, KEPT);
  let waiting: { line: LogLine; write: WriteLine }[] = [];
  let leftOut = 0;
  let timer: NodeJS.Timeout | undefined;

  /** Writes the newest of the lines that wait, and drops the others. @param bucket pays for them */
  const writeNewest = (count: number, bucket: TokenBucket): void => {
    const kept = waiting.slice(-count);
    leftOut += waiting.length - kept.length;
    waiting = [];
    bucket.take(count);
    const text = `${leftOut} lines of this log are left out: the plugin logs too fast`;
    if (leftOut > 0) kept[0]?.write({ level: "warn", text });
    leftOut = 0;
    for (const { line, write } of kept) write(line);
  };

  const schedule = (): void => {
    timer ??= setTimeout(catchUp, CATCH_UP_MS).unref();
  };

  const catchUp = (): void => {
    timer = undefined;
    const count = Math.min(KEPT, waiting.length);
    if (count === 0) return;
    if (atOnce.available() >= count) writeNewest(count, atOnce);
    else schedule();
  };

  return {
    add: ({ level, text }: LogLine, write: WriteLine): void => {
      const line = { level, text: shortened(text) };
      if (waiting.length === 0 && atOnce.available() > 0) {
        atOnce.take(1);
        write(line);
        return;
      }
      waiting.push({ line, write });
      if (waiting.length >= 2 * KEPT) leftOut += waiting.splice(0, KEPT).length;
      schedule();
    },
    /** A call or the process ended: what waits is written, the last line always. */
    flush: (): void => {
      const count = Math.min(KEPT, waiting.length);
      if (count > 0) writeNewest(Math.min(count, Math.max(1, atEnd.available())), atEnd);
    },
    stop: (): void => clearTimeout(timer),
  };
};
