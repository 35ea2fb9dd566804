import { createInterface } from "node:readline/promises";
import { PassThrough } from "node:stream";
import { CommandFailed } from "./failure.ts";
import { type Io, isInteractive } from "./io.ts";
import { printed } from "./safe-text.ts";

/** Asks a yes/no question on the terminal. */
export const askYesNo = async (io: Io, question: string): Promise<boolean> => {
  const shown = new PassThrough();
  shown.on("data", (chunk: Buffer) => io.stderr.write(chunk.toString()));
  const prompt = createInterface({ input: io.stdin, output: shown });
  try {
    const answer = await prompt.question(`${printed(question)} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
};

/**
 * Asks for confirmation. Without a terminal it continues: a script confirms by calling the command.
 * @throws CommandFailed if the answer is not yes
 */
export const confirm = async (io: Io, question: string, options: { yes?: boolean }): Promise<void> => {
  if (options.yes === true || !isInteractive(io)) return;
  if (!(await askYesNo(io, question))) throw new CommandFailed("Nothing was done.");
};
