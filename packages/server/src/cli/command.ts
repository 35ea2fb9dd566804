import { Command, type ErrorOptions, Option } from "commander";
import type { Io } from "./io.ts";
import { wholeNumber } from "./option-values.ts";
import { openPrinter, openSession, type Printer, type Session, type SessionOptions } from "./session.ts";

/** A command of the program, or a group of commands. Its subcommands share its inputs and outputs. */
export class CliCommand extends Command {
  readonly io: Io;

  constructor(io: Io, name?: string) {
    super(name);
    this.io = io;
  }

  override createCommand(name?: string): CliCommand {
    return new CliCommand(this.io, name);
  }

  /** The command as it is typed, such as `hitagi library add`. */
  private path(): string {
    return this.parent instanceof CliCommand ? `${this.parent.path()} ${this.name()}` : this.name();
  }

  /** Ends with wrong usage, and the hint names the help of this command. */
  override error(message: string, options?: ErrorOptions): never {
    this.showHelpAfterError(`hint: See \`${this.path()} --help\`.`);
    return super.error(message, options);
  }

  /** Adds a command that needs no server, or a group of commands. */
  local(usage: string, about: string): CliCommand {
    return this.command(usage).description(about) as CliCommand;
  }

  /** Adds a command that connects to a server. */
  remote(usage: string, about: string): CliCommand {
    return this.local(usage, about).use(connectionOptions);
  }

  /** Adds examples to the help. */
  examples(...lines: string[]): this {
    const heading = lines.length === 1 ? "Example:" : "Examples:";
    return this.addHelpText("after", `\n${heading}\n${lines.map((line) => `  $ ${line}`).join("\n")}`);
  }

  /** Adds a set of options. */
  use(options: (command: CliCommand) => unknown): this {
    options(this);
    return this;
  }

  /** Adds an option with a fixed set of values. */
  choice(flags: string, about: string, values: readonly string[]): this {
    return this.addOption(new Option(flags, about).choices(values));
  }

  /** Adds the options of a command that lists pages. @param size the default size */
  pages(size: number): this {
    return this.option("--page <number>", "page number", wholeNumber(1), 1).option(
      "--size <number>",
      "items on a page, at most 200",
      wholeNumber(1, 200),
      size,
    );
  }

  /** Sets what the command does with a server. `run` gets the arguments, then all options. */
  runRemote<A extends unknown[]>(run: (session: Session, ...args: A) => Promise<void>): this {
    return this.runWith(openSession, run);
  }

  /** Sets what the command does without a server. `run` gets the arguments, then all options. */
  runLocal<A extends unknown[]>(run: (printer: Printer, ...args: A) => Promise<void>): this {
    return this.runWith(openPrinter, run);
  }

  private runWith<P, A extends unknown[]>(
    open: (io: Io, options: SessionOptions) => P | Promise<P>,
    run: (opened: P, ...args: A) => Promise<void>,
  ): this {
    return this.action(async (...received: unknown[]) => {
      const options: SessionOptions = this.optsWithGlobals();
      const args = [...received.slice(0, -2), options] as A;
      await run(await open(this.io, options), ...args);
    });
  }
}

/**
 * The options of every command that connects to a server. They are accepted before and after the command's name.
 * After it they belong to the command, so `install --version` does not mean the program's version.
 */
export const connectionOptions = (command: CliCommand): unknown =>
  command
    .optionsGroup("Server:")
    .option(
      "--server <address>",
      "address of the server (HITAGI_SERVER, else HITAGI_HOST and HITAGI_PORT; default http://127.0.0.1:3000)",
    )
    .option("--key <key>", "its API key (HITAGI_API_KEY)")
    .option("--data <folder>", "data folder to read the API key from (HITAGI_DATA; default ./data)")
    .option(
      "--unproven",
      "send the key over http without a proof that the server has it, and without a warning",
    )
    .option("--json", "print the data as JSON")
    .optionsGroup("Options:");
