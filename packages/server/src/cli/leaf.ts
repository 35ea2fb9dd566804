import type { Command } from "commander";

const exampleText = (examples: string[]): string => {
  const heading = examples.length === 1 ? "Example:" : "Examples:";
  return `\n${heading}\n${examples.map((e) => `  $ ${e}`).join("\n")}`;
};

/**
 * The options of every command that talks to a server. They stand before the command's name or after it; after it
 * they are the command's own, so that `install --version` need not mean the program's version.
 */
export const withConnection = (command: Command): Command =>
  command
    .optionsGroup("Server:")
    .option("--server <address>", "server to talk to (HITAGI_SERVER; default http://127.0.0.1:3000)")
    .option("--key <key>", "its API key (HITAGI_API_KEY)")
    .option("--data <folder>", "data folder to read the API key from (HITAGI_DATA; default ./data)")
    .option("--json", "print the data for programs")
    .optionsGroup("Options:");

const named = (parent: Command, usage: string, about: string, examples: string[]): Command =>
  parent.command(usage).description(about).addHelpText("after", exampleText(examples));

/** Adds a command that talks to a server; its help ends with how it is used. */
export const leaf = (parent: Command, usage: string, about: string, ...examples: string[]): Command =>
  withConnection(named(parent, usage, about, examples));

/** Adds a command that needs no server, or only holds others. */
export const bare = (parent: Command, usage: string, about: string, ...examples: string[]): Command =>
  named(parent, usage, about, examples);

/** Adds a command that programs call, and that no help lists. */
export const hidden = (parent: Command, usage: string, about: string, ...examples: string[]): Command =>
  parent.command(usage, { hidden: true }).description(about).addHelpText("after", exampleText(examples));
