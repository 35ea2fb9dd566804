import { createInterface } from "node:readline/promises";
import { PassThrough } from "node:stream";
import { CommandFailed } from "./failure.ts";
import { type Io, isInteractive } from "./io.ts";

/**
 * Asks a person before something that they may not want. Where nobody can answer, it goes on: a script has said
 * what it wants by calling the command.
 * @throws CommandFailed where the answer is not yes
 */
export const confirm = async (io: Io, question: string, options: { yes?: boolean }): Promise<void> => {
  if (options.yes === true || !isInteractive(io)) return;
  const shown = new PassThrough();
  shown.on("data", (chunk: Buffer) => io.stderr.write(chunk.toString()));
  const asking = createInterface({ input: io.stdin, output: shown });
  try {
    const answer = await asking.question(`${question} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new CommandFailed("Nothing was done.");
  } finally {
    asking.close();
  }
};
