import { ApiError, HitagiError, isHitagiError, quoteForeign, redact } from "@hitagi/contract";
import { CommanderError } from "commander";
import { KeeperError } from "../keeper/keeper-error.ts";
import { exitCodes } from "./exit-codes.ts";
import { fileFailure } from "./file-failure.ts";
import { hasColour, type Io } from "./io.ts";
import { type Lines, printed, safeJson } from "./safe-text.ts";

/** The operation failed: exit code 1. */
export class CommandFailed extends Error {
  readonly lines: Lines;
  readonly hint: string | undefined;
  /** The code of the failure, if the server told one. */
  readonly code: string | undefined;
  constructor(lines: Lines, hint?: string, code?: string) {
    super(printed(lines));
    this.name = new.target.name;
    this.lines = lines;
    this.hint = hint;
    this.code = code;
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
  new CommandFailed(failureText(told), hints[told.code ?? ""] ?? told.hint, told.code);

const exitCodeOf = (error: unknown): number => {
  const isLost = error instanceof CommandFailed && error.code === "SERVER_UNREACHABLE";
  if (isLost || isHitagiError(error, "SERVER_UNREACHABLE")) return exitCodes.unreachable;
  if (error instanceof UsageError || isHitagiError(error, "CONFIG_INVALID")) return exitCodes.usage;
  return exitCodes.failed;
};

/** Whether a proxy answered, and not the server. */
const isOfProxy = (error: unknown): boolean =>
  error instanceof ApiError && error.code === undefined && [502, 503, 504].includes(error.status);

const PROXY =
  "A proxy answered: the server behind it is down, or exceeds the proxy's timeout. The operation may still complete: check before you repeat it.";

/** Hints of the command line, where the server's hint is for programs. */
const hints: Hints = {
  UNAUTHORIZED:
    "Name the server's data folder with --data, or give its API key with --key or HITAGI_API_KEY. The key is in the file api-key in the data folder.",
};

const hintOf = (error: unknown): string | undefined => {
  if (isOfProxy(error)) return PROXY;
  const own = error instanceof ApiError ? hints[error.code ?? ""] : undefined;
  return own ?? fileFailure(error)?.hint ?? hintIn(error);
};

/** Whether an error says what the user can do. */
const isTold = (error: unknown): error is HitagiError | ApiError | CommandFailed | KeeperError =>
  [HitagiError, ApiError, CommandFailed, KeeperError].some((kind) => error instanceof kind);

const hintIn = (error: unknown): string | undefined =>
  isTold(error) ? error.hint : "This is a bug in Hitagi. Please report it.";

const writeError = (io: Io, message: Lines, hint: string | undefined): void => {
  const label = hasColour(io, io.stderr) ? "\u001b[31merror:\u001b[0m" : "error:";
  io.stderr.write(`${label} ${printed(message)}\n`);
  if (hint) io.stderr.write(`${printed(`hint: ${hint}`)}\n`);
};

/** The message of any error, with what others wrote in quotation marks. */
export const messageOf = (error: unknown): string => {
  const ofFile = fileFailure(error);
  if (ofFile) return ofFile.message;
  if (error instanceof ApiError || error instanceof HitagiError) return failureText(error);
  return error instanceof Error ? error.message : String(error);
};

const codeIn = (error: unknown): string | null =>
  isTold(error) && !fileFailure(error) ? (error.code ?? null) : null;

/** A failure as a program reads it, with the fields of the API's failures. */
const failureJson = (error: unknown): string => {
  const isUsage = error instanceof CommanderError;
  const message = isUsage ? error.message.replace(/^error: /, "") : messageOf(error);
  const hint = isUsage ? "See --help after the command." : (hintOf(error) ?? null);
  return safeJson({ success: 0, error: printed(message), code: codeIn(error), hint });
};

/**
 * Prints the error and its hint to stderr.
 * @param json whether to print it as JSON to stdout too
 * @returns the exit code
 */
export const reportFailure = (io: Io, error: unknown, json = false): number => {
  const isUsage = error instanceof CommanderError;
  if (isUsage && (error.code === "commander.helpDisplayed" || error.code === "commander.version"))
    return exitCodes.done;
  if (json) io.stdout.write(`${failureJson(error)}\n`);
  // Commander has written its own message.
  if (isUsage) return exitCodes.usage;
  writeError(io, error instanceof CommandFailed ? error.lines : messageOf(error), hintOf(error));
  return exitCodeOf(error);
};
