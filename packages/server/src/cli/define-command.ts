import type { Command } from "commander";

const exampleText = (examples: string[]): string => {
  const heading = examples.length === 1 ? "Example:" : "Examples:";
  return `\n${heading}\n${examples.map((e) => `  $ ${e}`).join("\n")}`;
};

/**
 * Adds the options of every command that connects to a server. They are accepted before and after the command's name.
 * After it they belong to the command, so `install --version` does not mean the program's version.
 */
export const withConnection = (command: Command): Command =>
  command
    .optionsGroup("Server:")
    .option("--server <address>", "address of the server (HITAGI_SERVER; default http://127.0.0.1:3000)")
    .option("--key <key>", "its API key (HITAGI_API_KEY)")
    .option("--data <folder>", "data folder to read the API key from (HITAGI_DATA; default ./data)")
    .option("--json", "print the data as JSON")
    .optionsGroup("Options:");

const named = (parent: Command, usage: string, about: string, examples: string[]): Command =>
  parent.command(usage).description(about).addHelpText("after", exampleText(examples));

/** Adds a command that connects to a server, with examples in its help. */
export const serverCommand = (
  parent: Command,
  usage: string,
  about: string,
  ...examples: string[]
): Command => withConnection(named(parent, usage, about, examples));

/** Adds a command that needs no server, or a group of commands. */
export const localCommand = (parent: Command, usage: string, about: string, ...examples: string[]): Command =>
  named(parent, usage, about, examples);

/** Adds a command for programs, which no help lists. */
export const hiddenCommand = (
  parent: Command,
  usage: string,
  about: string,
  ...examples: string[]
): Command =>
  parent.command(usage, { hidden: true }).description(about).addHelpText("after", exampleText(examples));
