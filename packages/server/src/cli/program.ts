import type { Command } from "commander";
import { version } from "../version.ts";
import { CliCommand, connectionOptions } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";
import { reportFailure } from "./failure.ts";
import type { Io, Output } from "./io.ts";

/** Adds a command or a group of commands to the program. */
export type AddCommand = (program: CliCommand) => void;

const after = `
Exit codes: ${exitCodes.done} success, ${exitCodes.failed} failure, ${exitCodes.usage} wrong usage, ${exitCodes.unreachable} no server answers.

Example:
  $ hitagi serve
  $ hitagi registry add ./registry
  $ hitagi install comic-info-full`;

const root = (io: Io): CliCommand =>
  new CliCommand(io, "hitagi")
    .use(connectionOptions)
    .description("A plugin registry and sandboxed plugin host.")
    .version(version)
    .addHelpText("after", after)
    .enablePositionalOptions()
    // Descriptions beside long names wrap in a terminal of 80 columns too.
    .configureHelp({ minWidthToWrap: 20 })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride();

/** The command line with these commands. */
export const programOf = (io: Io, commands: readonly AddCommand[]): Command => {
  const program = root(io);
  for (const add of commands) add(program);
  return program;
};

/**
 * Runs one command.
 * @param argv the arguments after the program's name
 * @returns the exit code, see {@link exitCodes}
 */
export const runProgram = async (
  argv: string[],
  io: Io,
  commands: readonly AddCommand[],
): Promise<number> => {
  let hasPrinted = false;
  // A command that prints its result and then fails has told the failure in it.
  const stdout: Output = {
    ...(io.stdout.isTTY !== undefined && { isTTY: io.stdout.isTTY }),
    // A terminal may be resized while a command runs.
    get columns() {
      return io.stdout.columns;
    },
    write: (text) => {
      hasPrinted = true;
      return io.stdout.write(text);
    },
  };
  try {
    await programOf({ ...io, stdout }, commands).parseAsync(argv, { from: "user" });
    return exitCodes.done;
  } catch (error) {
    return reportFailure(io, error, argv.includes("--json") && !hasPrinted);
  }
};
