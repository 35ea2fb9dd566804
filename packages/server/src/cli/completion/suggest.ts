import type { Command, Option } from "commander";
import { safeLine } from "../safe-text.ts";
import { type Line, optionsOf, readLine } from "./line.ts";

/** A value and its description. */
export interface Suggestion {
  value: string;
  about: string;
}

/** What the shell completes itself. */
export type ShellCompletion = ":files" | ":folders";

/** The server's names of a kind; empty if it does not answer in time. */
export type ServerNames = (kind: NameKind, given: Line["given"]) => Promise<Suggestion[]>;

/** Kinds of names on the server. */
export type NameKind = "installed" | "offered" | "registries" | "keys";

/** Commands that accept a plugin that is not installed. */
const OFFERED = new Set(["install", "info"]);

/** The kind of an argument, by its name in the usage, in `<…>` or `[…]`. */
const kindOf = (command: Command, name: string): NameKind | ShellCompletion | undefined => {
  if (/^namespaces?$/.test(name)) return OFFERED.has(command.name()) ? "offered" : "installed";
  if (/^registr(?:y|ies)$/.test(name)) return "registries";
  if (name === "name" && command.name() === "revoke") return "keys";
  if (/^(?:file|sources?)$/.test(name)) return ":files";
  return name === "folder" ? ":folders" : undefined;
};

/** The word in `--registry <registry>`. */
const valueName = ({ flags }: Option): string => /[<[]([a-z]+)/.exec(flags)?.[1] ?? "";

const choices = (from: { argChoices?: string[] | undefined }): Suggestion[] | undefined =>
  from.argChoices?.map((value) => ({ value, about: "" }));

const options = (command: Command): Suggestion[] => {
  const shown = optionsOf(command).flatMap(({ long, description, hidden }) =>
    long && !hidden ? { value: long, about: description } : [],
  );
  return [...shown, { value: "--help", about: "show the usage" }];
};

const subcommands = (command: Command): Suggestion[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .map((child) => ({ value: child.name(), about: child.description() }));

const values = async (line: Line, known: ServerNames): Promise<Suggestion[] | ShellCompletion> => {
  const { command, option, argument, given } = line;
  const fixed = option ? choices(option) : argument && choices(argument);
  if (fixed) return fixed;
  const kind = kindOf(command, option ? valueName(option) : (argument?.name() ?? ""));
  if (kind === ":files" || kind === ":folders") return kind;
  return kind === undefined ? [] : known(kind, given);
};

const allOf = (line: Line, known: ServerNames): Promise<Suggestion[] | ShellCompletion> | Suggestion[] => {
  const { command, option, word } = line;
  if (!option && word.startsWith("-")) return options(command);
  if (!option && command.commands.length > 0) return subcommands(command);
  return values(line, known);
};

const lineOf = (prefix: string, { value, about }: Suggestion): string =>
  `${prefix}${safeLine(value)}\t${safeLine(about)}`;

/**
 * Suggestions for the last word of a command line, one on each line: the value, a tab and its description. They come from
 * the program's own definition, so there is no separate list of commands.
 */
export const suggest = async (
  program: Command,
  words: readonly string[],
  known: ServerNames,
): Promise<string[]> => {
  const line = readLine(program, words);
  const found = await allOf(line, known);
  if (typeof found === "string") return [found];
  return found.filter(({ value }) => value.startsWith(line.word)).map((one) => lineOf(line.prefix, one));
};
