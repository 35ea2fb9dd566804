import { isHitagiError } from "@hitagi/contract";
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

/** The server's log: JSON lines with request ids, secrets left out. */
export const createLog = (level: string, destination?: DestinationStream): Logger =>
  pino(
    { level, base: null, redact: { paths: SECRET, censor: "***" }, serializers: { err: serializeError } },
    destination ?? pino.destination(2),
  );
