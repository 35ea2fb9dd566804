import { isHitagiError, type LogLevel, logLevels, type ServerLogLine } from "@hitagi/contract";
import { type DestinationStream, type Logger, pino, stdSerializers } from "pino";

/** Fields that no log line may hold. Each is named whole: a wildcard would be looked for in every line. */
const SECRET = [
  "authorization",
  "apiKey",
  "headers.authorization",
  "headers.cookie",
  "req.headers.authorization",
  "req.headers.cookie",
  "config.apiKey",
  "libraryKey",
  "config.libraryKey",
  "config.store",
  "config.proxy",
  "s3Secret",
  "config.s3Secret",
  "s3Token",
  "config.s3Token",
];

/** The status of an error in the program. */
const FAULT = 500;

/**
 * An error in a log line. One of the error table that is no error in the program, such as an unreachable Redis, has its hint
 * and no stack, which would fill the log during an outage.
 */
const serializeError = (err: unknown): unknown => {
  if (!isHitagiError(err) || err.status === FAULT) return stdSerializers.err(err as Error);
  const { code, message, hint, cause } = err;
  return { code, message, hint, ...(cause instanceof Error && { cause: cause.message }) };
};

/** The newest lines of a log, from memory, and those that follow. */
export interface LogTail {
  /**
   * Lines, the oldest first.
   * @param level this level and those above it
   * @param after only lines with a larger id
   */
  newest(size: number, level?: LogLevel, after?: number): { items: ServerLogLine[]; more: boolean };
  /** The id of the last line; 0 if there is none. */
  end(): number;
  /** Calls the listener with each further line. @returns removes it */
  follow(listener: (line: ServerLogLine) => void): () => void;
}

/** Lines that are kept, and characters of one. A longer one has no details, and the beginning of its text. */
const KEPT = 1000;
const MAX_LINE = 8192;

const shortened = (text: string): string => {
  if (text.length <= MAX_LINE) return text;
  const { level, time, msg = "" } = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify({ level, time, msg: String(msg).slice(0, MAX_LINE) });
};

/** What pino calls 10, 20, … 60. */
const levelOf = (level: number): LogLevel =>
  level >= 50 ? "error" : level >= 40 ? "warn" : level >= 30 ? "info" : "debug";

const toLine = (id: number, text: string): ServerLogLine => {
  const { level, time, msg = "", ...details } = JSON.parse(text) as Record<string, unknown>;
  return { id, time: Number(time) / 1000, level: levelOf(Number(level)), text: String(msg), details };
};

/** Whether a line is of this level or one above it. */
export const isAtLeast = (line: Pick<ServerLogLine, "level">, level: LogLevel): boolean =>
  logLevels.indexOf(line.level) >= logLevels.indexOf(level);

/** Keeps the newest lines as text, which is parsed when it is read. */
const createTail = () => {
  const kept: { id: number; text: string }[] = [];
  const listeners = new Set<(line: ServerLogLine) => void>();
  let last = 0;
  const tail: LogTail = {
    newest: (size, level = "debug", after = 0) => {
      const lines = kept.filter(({ id }) => id > after).map(({ id, text }) => toLine(id, text));
      const found = lines.filter((line) => isAtLeast(line, level));
      return { items: found.slice(-size), more: found.length > size };
    },
    end: () => last,
    follow: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const add = (written: string): void => {
    const text = shortened(written);
    kept.push({ id: ++last, text });
    if (kept.length > KEPT) kept.shift();
    if (listeners.size === 0) return;
    const line = toLine(last, text);
    for (const listener of listeners) listener(line);
  };
  return { tail, add };
};

const tails = new WeakMap<Logger, LogTail>();

/** The newest lines of a log that {@link createLog} made; none of another one. */
export const tailOf = (log: Logger): LogTail => tails.get(log) ?? createTail().tail;

/** The server's log: JSON lines with request ids, secrets left out. Its newest lines stay in memory, as they are written. */
export const createLog = (level: string, destination: DestinationStream = pino.destination(2)): Logger => {
  const { tail, add } = createTail();
  const write = (line: string): void => {
    destination.write(line);
    add(line);
  };
  const options = { level, base: null, redact: { paths: SECRET, censor: "***" } };
  const log = pino({ ...options, serializers: { err: serializeError } }, { write });
  tails.set(log, tail);
  return log;
};
