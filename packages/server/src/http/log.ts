import { type DestinationStream, type Logger, pino } from "pino";

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

/** The server's log: JSON lines with request ids, secrets left out. */
export const createLog = (level: string, destination?: DestinationStream): Logger =>
  pino({ level, base: null, redact: { paths: SECRET, censor: "***" } }, destination ?? pino.destination(2));
