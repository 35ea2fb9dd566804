import type { Argument, Command, Option } from "commander";

/** What the shell completes at the end of a command line. */
export interface Line {
  command: Command;
  /** The incomplete word; the value in `--name=value`. */
  word: string;
  /** The start of the same word: `--name=`, or empty. */
  prefix: string;
  /** The option whose value is completed, if any. */
  option: Option | undefined;
  /** The argument that is completed, if any. */
  argument: Argument | undefined;
  /** Values of earlier options, by the option's attribute. */
  given: Record<string, string>;
}

/** The options of a command: its own, and those of the program. */
export const optionsOf = (command: Command): readonly Option[] => {
  const above = command.parent ? optionsOf(command.parent) : [];
  const own = command.options.map((option) => option.long);
  return [...command.options, ...above.filter(({ long }) => !own.includes(long) && long !== "--version")];
};

const takesValue = (option: Option): boolean => option.required || option.optional;

const optionNamed = (command: Command, name: string): Option | undefined =>
  optionsOf(command).find(({ long, short }) => long === name || short === name);

const argumentAt = ({ registeredArguments }: Command, index: number): Argument | undefined => {
  const last = registeredArguments.at(-1);
  return registeredArguments[index] ?? (last?.variadic ? last : undefined);
};

/** An option of several values takes words until the next option. */
const continued = (waiting: Option | undefined, word: string): Option | undefined =>
  waiting?.variadic && word.startsWith("-") ? undefined : waiting;

/** bash splits `--name=value` into three words and completes only the value. */
const joined = (words: readonly string[]): string[] => {
  const last = words.at(-1) === "=" ? [""] : [];
  return [...words.filter((word) => word !== "="), ...last];
};

/**
 * Reads a command line like commander, up to its last word.
 * @param words the words after the program's name; the last one is incomplete and may be empty
 */
export const readLine = (program: Command, words: readonly string[]): Line => {
  const [before, word] = [joined(words).slice(0, -1), joined(words).at(-1) ?? ""];
  let command = program;
  let waiting: Option | undefined;
  let index = 0;
  const given: Line["given"] = {};
  for (const one of before) {
    const [name = "", value] = one.split("=", 2);
    waiting = continued(waiting, one);
    if (waiting) given[waiting.attributeName()] = one;
    const option = !waiting && one.startsWith("-") ? optionNamed(command, name) : undefined;
    if (option && value !== undefined) given[option.attributeName()] = value;
    const child = waiting || one.startsWith("-") ? undefined : command.commands.find((c) => c.name() === one);
    if (child && index === 0) command = child;
    else if (!waiting && !one.startsWith("-")) index++;
    const next = option && value === undefined && takesValue(option) ? option : undefined;
    waiting = next ?? (waiting?.variadic ? waiting : undefined);
  }
  waiting = continued(waiting, word);
  const at = word.startsWith("--") ? word.indexOf("=") : -1;
  const option = waiting ?? (at > 0 ? optionNamed(command, word.slice(0, at)) : undefined);
  return {
    command,
    word: option && !waiting ? word.slice(at + 1) : word,
    prefix: option && !waiting ? word.slice(0, at + 1) : "",
    option,
    argument: option || word.startsWith("-") ? undefined : argumentAt(command, index),
    given,
  };
};
