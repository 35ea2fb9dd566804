import type { Command, Option } from "commander";
import { oneLine } from "../plain.ts";
import { type Line, optionsOf, readLine } from "./line.ts";

/** A value, and what it is. */
export interface Suggestion {
  value: string;
  about: string;
}

/** What a shell knows better. */
export type Left = ":files" | ":folders";

/** What the server has under a kind of name; nothing where it does not answer soon. */
export type Known = (kind: Kind, given: Line["given"]) => Promise<Suggestion[]>;

/** Names that only a server knows. */
export type Kind = "installed" | "offered" | "registries" | "keys";

/** The commands that take a plugin which need not be installed. */
const OFFERED = new Set(["install", "info"]);

/** What stands in the usage of commands, in `<…>` or `[…]`. */
const kindOf = (command: Command, name: string): Kind | Left | undefined => {
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
  return [...shown, { value: "--help", about: "show how it is used" }];
};

const subcommands = (command: Command): Suggestion[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .map((child) => ({ value: child.name(), about: child.description() }));

const values = async (line: Line, known: Known): Promise<Suggestion[] | Left> => {
  const { command, option, argument, given } = line;
  const fixed = option ? choices(option) : argument && choices(argument);
  if (fixed) return fixed;
  const kind = kindOf(command, option ? valueName(option) : (argument?.name() ?? ""));
  if (kind === ":files" || kind === ":folders") return kind;
  return kind === undefined ? [] : known(kind, given);
};

const allOf = (line: Line, known: Known): Promise<Suggestion[] | Left> | Suggestion[] => {
  const { command, option, word } = line;
  if (!option && word.startsWith("-")) return options(command);
  if (!option && command.commands.length > 0) return subcommands(command);
  return values(line, known);
};

const lineOf = (prefix: string, { value, about }: Suggestion): string =>
  `${prefix}${oneLine(value)}\t${oneLine(about)}`;

/**
 * What may stand in place of a command line's last word, a line each: the value, a tab, and what it is. It is read off the
 * program itself, so that no list of commands has to be kept.
 */
export const suggest = async (
  program: Command,
  words: readonly string[],
  known: Known,
): Promise<string[]> => {
  const line = readLine(program, words);
  const found = await allOf(line, known);
  if (typeof found === "string") return [found];
  return found.filter(({ value }) => value.startsWith(line.word)).map((one) => lineOf(line.prefix, one));
};
