import type { Client } from "@hitagi/contract";
import type { Command, Option } from "commander";
import { type ConnectionOptions, connect } from "../connection.ts";
import type { Io } from "../io.ts";
import { safeLine } from "../safe-text.ts";
import { type Line, optionsOf, readLine } from "./line.ts";

/** A value and its description. */
interface Suggestion {
  value: string;
  about: string;
}

/** What the shell completes itself. */
type ShellCompletion = ":files" | ":folders";

/** Kinds of names on the server. */
type NameKind = "installed" | "offered" | "registries" | "keys";

/** How long TAB may wait for the server, in milliseconds. */
const TIMEOUT_MS = 800;
const PAGE = 200;

/** A name that a shell would have to quote is replaced by its id. */
const plainName = /^[\w.-]+$/;

const asks: Record<NameKind, (client: Client, signal: AbortSignal) => Promise<Suggestion[]>> = {
  installed: async (client, signal) => {
    const { plugins } = await client.listInstalled({ signal });
    return plugins.map((p) => ({ value: p.namespace, about: `${p.name} ${p.version}` }));
  },
  offered: async (client, signal) => {
    const { items } = await client.searchAvailable({ query: { size: PAGE }, signal });
    return items.map((p) => ({ value: p.namespace, about: p.description }));
  },
  registries: async (client, signal) => {
    const { registries } = await client.listRegistries({ signal });
    return registries.map(({ id, name }) =>
      plainName.test(name) ? { value: name, about: id } : { value: id, about: name },
    );
  },
  keys: async (client, signal) => {
    const { keys } = await client.listKeys({ signal });
    return keys.map(({ name, scope }) => ({ value: name, about: scope }));
  },
};

/** Asks the server in the command line or the environment. Errors give no suggestions. */
const serverNames = async (io: Io, kind: NameKind, given: ConnectionOptions): Promise<Suggestion[]> => {
  try {
    const client = await connect(io, given);
    return await asks[kind](client, AbortSignal.timeout(TIMEOUT_MS));
  } catch {
    return [];
  }
};

/** Commands that accept a plugin that is not installed. */
const OFFERED = new Set(["install", "info"]);

/** Commands whose archives are files, and not those of a server. */
const OF_FILES = new Set(["dev", "try"]);

/** The kind of an argument, by its name in the usage, in `<…>` or `[…]`. */
const kindOf = (command: Command, name: string): NameKind | ShellCompletion | undefined => {
  if (/^namespaces?$/.test(name)) return OFFERED.has(command.name()) ? "offered" : "installed";
  if (/^registr(?:y|ies)$/.test(name)) return "registries";
  if (name === "name" && command.name() === "revoke") return "keys";
  if (/^(?:files?|paths|places?|sources?)$/.test(name)) return ":files";
  if (name === "archives" && OF_FILES.has(command.name())) return ":files";
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

const values = async (io: Io, line: Line): Promise<Suggestion[] | ShellCompletion> => {
  const { command, option, argument, given } = line;
  const fixed = option ? choices(option) : argument && choices(argument);
  if (fixed) return fixed;
  const kind = kindOf(command, option ? valueName(option) : (argument?.name() ?? ""));
  if (kind === ":files" || kind === ":folders") return kind;
  return kind === undefined ? [] : serverNames(io, kind, given);
};

const allOf = (io: Io, line: Line): Promise<Suggestion[] | ShellCompletion> | Suggestion[] => {
  const { command, option, word } = line;
  if (!option && word.startsWith("-")) return options(command);
  if (!option && command.commands.length > 0) return subcommands(command);
  return values(io, line);
};

const lineOf = (prefix: string, { value, about }: Suggestion): string =>
  `${prefix}${safeLine(value)}\t${safeLine(about)}`;

/**
 * Suggestions for the last word of a command line, one on each line: the value, a tab and its description. They come from
 * the program's own definition, so there is no separate list of commands.
 */
export const suggest = async (io: Io, program: Command, words: readonly string[]): Promise<string[]> => {
  const line = readLine(program, words);
  const found = await allOf(io, line);
  if (typeof found === "string") return [found];
  return found.filter(({ value }) => value.startsWith(line.word)).map((one) => lineOf(line.prefix, one));
};
