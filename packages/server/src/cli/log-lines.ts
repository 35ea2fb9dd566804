import type { DestinationStream } from "pino";
import { hasColour, type Io } from "./io.ts";
import { safeLine, safeText } from "./safe-text.ts";

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

/** Shows the stack for bugs of the server, else the message, its cause and its hint. */
const whyOf = ({ level, msg, err }: Line): string | undefined => {
  if (level >= 50 && err?.stack) return err.stack;
  const message = err?.message === msg ? undefined : err?.message;
  const parts = [message, err?.cause && `cause: ${err.cause}`, err?.hint && `hint: ${err.hint}`];
  return parts.filter((part) => part).join("\n");
};

const readable = (line: Line, colour: boolean): string => {
  const { level, time, msg = "", err: _, ...fields } = line;
  const [name, code] = levels[level] ?? [String(level), 0];
  const paint = (text: string, shade: number) => (colour ? `\u001b[${shade}m${text}\u001b[0m` : text);
  const at = new Date(time).toTimeString().slice(0, 8);
  const rest = Object.entries(fields).map(fieldText).join(" ");
  const why = whyOf(line);
  return [
    `${paint(at, 90)} ${paint(name.padEnd(5), code)} ${safeLine(msg)}${rest && `  ${paint(rest, 90)}`}`,
    ...(why
      ? safeText(why)
          .split("\n")
          .map((part) => `               ${part}`)
      : []),
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
