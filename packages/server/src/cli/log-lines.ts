import type { DestinationStream } from "pino";
import { hasColour, type Io } from "./io.ts";
import { printed, safeLine } from "./safe-text.ts";

const levels: Record<number, [name: string, colour: number]> = {
  10: ["trace", 90],
  20: ["debug", 90],
  30: ["info", 36],
  40: ["warn", 33],
  50: ["error", 31],
  60: ["fatal", 31],
};

interface Line {
  level: number;
  time: number;
  msg?: string;
  err?: { message?: string; hint?: string; cause?: string; stack?: string };
  [field: string]: unknown;
}

const fieldText = ([name, value]: [string, unknown]): string =>
  `${name}=${safeLine(typeof value === "string" && !/\s/.test(value) ? value : JSON.stringify(value))}`;

/** What a bug of the server was, and the calls that led to it. */
const callsOf = (stack: string): string[] => {
  const [what = ""] = stack.split(/\n\s+at /, 1);
  return [what, ...stack.split("\n").filter((line) => /^\s+at /.test(line))];
};

/** The stack for bugs of the server, else the message, its cause and its hint. Each is one line. */
const reasonsOf = ({ level, msg, err }: Line): string[] => {
  if (level >= 50 && err?.stack) return callsOf(err.stack);
  const message = err?.message === msg ? undefined : err?.message;
  const parts = [message, err?.cause && `cause: ${err.cause}`, err?.hint && `hint: ${err.hint}`];
  return parts.flatMap((part) => (part ? [part] : []));
};

const readable = (line: Line, colour: boolean): string => {
  const { level, time, msg = "", err: _, ...fields } = line;
  const [name, code] = levels[level] ?? [String(level), 0];
  const paint = (text: string, shade: number) => (colour ? `\u001b[${shade}m${text}\u001b[0m` : text);
  const at = new Date(time).toTimeString().slice(0, 8);
  const rest = Object.entries(fields).map(fieldText).join(" ");
  return [
    `${paint(at, 90)} ${paint(name.padEnd(5), code)} ${safeLine(msg)}${rest && `  ${paint(rest, 90)}`}`,
    ...reasonsOf(line).map((reason) => `               ${printed(reason)}`),
  ].join("\n");
};

/**
 * Formats the log of `hitagi serve`: as text on a terminal, else as JSON. It removes control characters, because texts
 * of plugins and registries must not control the terminal.
 */
export const logDestination = (io: Io): DestinationStream => {
  const { stderr } = io;
  if (!stderr.isTTY) return stderr;
  const colour = hasColour(io, stderr);
  return { write: (text) => void stderr.write(`${readable(JSON.parse(text) as Line, colour)}\n`) };
};
