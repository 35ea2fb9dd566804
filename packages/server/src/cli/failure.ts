import { ApiError, HitagiError, isHitagiError, redact } from "@hitagi/contract";
import { CommanderError } from "commander";
import { hasColour, type Io } from "./io.ts";
import { plain } from "./plain.ts";

/** What the process ends with. They stand in the program's help. */
export const exitCodes = { done: 0, failed: 1, usage: 2, unreachable: 3 } as const;

/** The command was not used as it must be: exit code 2. */
export class UsageError extends Error {
  readonly hint: string;
  constructor(message: string, hint: string) {
    // It repeats what was typed, and terminals are recorded.
    super(redact(message));
    this.name = "UsageError";
    this.hint = hint;
  }
}

/** What was asked for was tried and did not succeed: exit code 1. */
export class CommandFailed extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.name = "CommandFailed";
    this.hint = hint;
  }
}

const exitCodeOf = (error: unknown): number => {
  if (isHitagiError(error, "SERVER_UNREACHABLE")) return exitCodes.unreachable;
  if (error instanceof UsageError || isHitagiError(error, "CONFIG_INVALID")) return exitCodes.usage;
  return exitCodes.failed;
};

/** What a proxy in front of the server answers by itself, in words of its own. */
const isOfProxy = (error: unknown): boolean =>
  error instanceof ApiError && error.code === undefined && [502, 503, 504].includes(error.status);

const PROXY =
  "A proxy in front of the server answered: the server behind it is away or takes longer than the proxy waits. What was asked may be done all the same: look before you ask again.";

const hintOf = (error: unknown): string | undefined => {
  if (isOfProxy(error)) return PROXY;
  return error instanceof HitagiError ||
    error instanceof ApiError ||
    error instanceof UsageError ||
    error instanceof CommandFailed
    ? error.hint
    : "This is a fault of the program; please report it.";
};

const writeError = (io: Io, message: string, hint: string | undefined): void => {
  const label = hasColour(io, io.stderr) ? "\u001b[31merror:\u001b[0m" : "error:";
  io.stderr.write(`${label} ${plain(message)}\n`);
  if (hint) io.stderr.write(`hint: ${plain(hint)}\n`);
};

/** Says on stderr what failed and what to do, and answers the exit code. */
export const reportFailure = (io: Io, error: unknown): number => {
  // Commander has written its own message, or the help that was asked for.
  if (error instanceof CommanderError) {
    const asked = error.code === "commander.helpDisplayed" || error.code === "commander.version";
    return asked ? exitCodes.done : exitCodes.usage;
  }
  writeError(io, error instanceof Error ? error.message : String(error), hintOf(error));
  return exitCodeOf(error);
};
