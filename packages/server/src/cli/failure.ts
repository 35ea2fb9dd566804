import { ApiError, HitagiError, isHitagiError, quoteForeign, redact } from "@hitagi/contract";
import { CommanderError } from "commander";
import { hasColour, type Io } from "./io.ts";
import { type Lines, printed } from "./safe-text.ts";

/**
 * The exit codes. The program's help lists them. `usage`: the command line or a setting is wrong, which this program finds without the
 * server. `failed`: what the command line names does not exist, or what it asks for cannot be done.
 */
export const exitCodes = { done: 0, failed: 1, usage: 2, unreachable: 3 } as const;

/** The operation failed: exit code 1. */
export class CommandFailed extends Error {
  readonly lines: Lines;
  readonly hint: string | undefined;
  constructor(lines: Lines, hint?: string) {
    super(printed(lines));
    this.name = new.target.name;
    this.lines = lines;
    this.hint = hint;
  }
}

/** Wrong usage: exit code 2. The message repeats typed text, which may contain a secret. */
export class UsageError extends CommandFailed {
  constructor(message: string, hint: string) {
    super(redact(message), hint);
  }
}

/** A failure as the server tells it: an error response, or a part of a result. */
interface Told {
  message: string;
  code?: string | undefined;
  hint?: string | undefined;
}

/** The message of a failure, with what others wrote in quotation marks. */
export const failureText = ({ message, code }: Told): string => {
  const text = quoteForeign(code, message);
  return code === "PLUGIN_FAILED" ? `The plugin failed: ${text}` : text;
};

/** A command's own hints, by the code of the error: they name its options, where the server's hint names the API. */
export type Hints = Readonly<Record<string, string>>;

/** The failure of an operation whose result tells it. */
export const failedAs = (told: Told, hints: Hints = {}): CommandFailed =>
  new CommandFailed(failureText(told), hints[told.code ?? ""] ?? told.hint);

const exitCodeOf = (error: unknown): number => {
  if (isHitagiError(error, "SERVER_UNREACHABLE")) return exitCodes.unreachable;
  if (error instanceof UsageError || isHitagiError(error, "CONFIG_INVALID")) return exitCodes.usage;
  return exitCodes.failed;
};

/** Whether a proxy answered, and not the server. */
const isOfProxy = (error: unknown): boolean =>
  error instanceof ApiError && error.code === undefined && [502, 503, 504].includes(error.status);

const PROXY =
  "A proxy answered: the server behind it is down, or exceeds the proxy's timeout. The operation may still complete: check before you repeat it.";

const hintOf = (error: unknown): string | undefined => {
  if (isOfProxy(error)) return PROXY;
  return error instanceof HitagiError || error instanceof ApiError || error instanceof CommandFailed
    ? error.hint
    : "This is a bug in Hitagi. Please report it.";
};

const writeError = (io: Io, message: Lines, hint: string | undefined): void => {
  const label = hasColour(io, io.stderr) ? "\u001b[31merror:\u001b[0m" : "error:";
  io.stderr.write(`${label} ${printed(message)}\n`);
  if (hint) io.stderr.write(`${printed(`hint: ${hint}`)}\n`);
};

/** The message of any error, with what others wrote in quotation marks. */
export const messageOf = (error: unknown): string => {
  if (error instanceof ApiError || error instanceof HitagiError) return failureText(error);
  return error instanceof Error ? error.message : String(error);
};

/** Prints the error and its hint to stderr. @returns the exit code */
export const reportFailure = (io: Io, error: unknown): number => {
  // Commander has written its own message, or the requested help.
  if (error instanceof CommanderError) {
    const isOutput = error.code === "commander.helpDisplayed" || error.code === "commander.version";
    return isOutput ? exitCodes.done : exitCodes.usage;
  }
  const message = error instanceof CommandFailed ? error.lines : messageOf(error);
  writeError(io, message, hintOf(error));
  return exitCodeOf(error);
};
