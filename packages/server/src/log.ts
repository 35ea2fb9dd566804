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
  "s3Secret",
  "config.s3Secret",
  "s3Token",
  "config.s3Token",
];

/** Status of what may be a fault of the program. */
const FAULT = 500;

/**
 * What a line says of an error. One of the table that is no fault of the program (a Redis that is away, a registry that does not
 * answer) comes with its hint and without the stack, which would say nothing and fill the log for as long as it lasts.
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
