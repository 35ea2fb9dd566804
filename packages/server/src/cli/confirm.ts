import { createInterface } from "node:readline/promises";
import { PassThrough } from "node:stream";
import { CommandFailed } from "./failure.ts";
import { giveBack, type Io, isInteractive } from "./io.ts";
import { printed } from "./safe-text.ts";

/** Asks for a line on the terminal. What is typed ahead is left for the next question. */
const askText = async (io: Io, question: string): Promise<string> => {
  const shown = new PassThrough();
  shown.on("data", (chunk: Buffer) => io.stderr.write(chunk.toString()));
  const prompt = createInterface({ input: io.stdin, output: shown });
  const ahead: string[] = [];
  prompt.on("line", (line) => ahead.push(line));
  try {
    return (await prompt.question(`${printed(question)} `)).trim();
  } finally {
    prompt.close();
    giveBack(io, ahead);
  }
};

/** Asks a yes/no question on the terminal. */
export const askYesNo = async (io: Io, question: string): Promise<boolean> =>
  /^y(es)?$/i.test(await askText(io, `${question} [y/N]`));

/** A step that the user has to agree to. */
export interface Step {
  /** What happens, in full sentences. */
  what: string;
  /** The question that follows in a terminal. */
  ask: string;
  /** What --yes does, after "to". */
  does: string;
  /** The command that undoes the step; absent if nothing does, or if the step gives rights. */
  undo?: string | undefined;
}

/**
 * The one rule for asking. In a terminal the user is asked. Without one, a step that can be undone is done, because the script has
 * called the command; any other step needs --yes.
 * @throws CommandFailed if the answer is not yes, or --yes is missing
 */
export const confirm = async (
  io: Io,
  { what, ask, does, undo }: Step,
  options: { yes?: boolean },
): Promise<void> => {
  if (options.yes === true) return;
  if (isInteractive(io)) {
    if (!(await askYesNo(io, `${what} ${ask}`.trim()))) throw new CommandFailed("Nothing was done.");
  } else if (undo === undefined) {
    throw new CommandFailed(what, `Repeat the command with --yes to ${does}.`);
  }
};
