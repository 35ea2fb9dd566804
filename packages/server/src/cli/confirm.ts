import { createInterface } from "node:readline/promises";
import { PassThrough } from "node:stream";
import { CommandFailed } from "./failure.ts";
import { type Io, isInteractive } from "./io.ts";
import { plain } from "./plain.ts";

/** Asks a person a question on the terminal, and answers whether they said yes. */
export const isAgreed = async (io: Io, question: string): Promise<boolean> => {
  const shown = new PassThrough();
  shown.on("data", (chunk: Buffer) => io.stderr.write(chunk.toString()));
  const asking = createInterface({ input: io.stdin, output: shown });
  try {
    const answer = await asking.question(`${plain(question)} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    asking.close();
  }
};

/**
 * Asks a person before something that they may not want. Where nobody can answer, it goes on: a script has said
 * what it wants by calling the command.
 * @throws CommandFailed where the answer is not yes
 */
export const confirm = async (io: Io, question: string, options: { yes?: boolean }): Promise<void> => {
  if (options.yes === true || !isInteractive(io)) return;
  if (!(await isAgreed(io, question))) throw new CommandFailed("Nothing was done.");
};
