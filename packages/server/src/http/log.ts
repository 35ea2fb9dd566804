import { type DestinationStream, type Logger, pino } from "pino";

/** Fields that no log line may hold, however deep the object that brings them. */
const SECRET = [
  "authorization",
  "*.authorization",
  "headers.authorization",
  "*.headers.authorization",
  "headers.cookie",
  "*.headers.cookie",
  "apiKey",
  "*.apiKey",
];

/** The server's log: JSON lines with request ids, secrets left out. */
export const createLog = (level: string, destination?: DestinationStream): Logger =>
  pino({ level, base: null, redact: { paths: SECRET, censor: "***" } }, destination ?? pino.destination(2));
