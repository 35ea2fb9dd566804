import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { CommandFailed } from "./failure.ts";
import { giveBack, type Io } from "./io.ts";
import { printed } from "./safe-text.ts";

/** Questions to a person in a terminal, one after the other. */
export interface Dialogue {
  /** @throws CommandFailed if the input ends */
  ask(question: string): Promise<string>;
  /** The same for a secret, which is not shown while it is typed. */
  askSecretly(question: string): Promise<string>;
}

/**
 * Holds a dialogue in the terminal. Answers are read as lines, so that none is lost between two questions, nor between two dialogues.
 */
export const inDialogue = async <T>(io: Io, talk: (dialogue: Dialogue) => Promise<T>): Promise<T> => {
  let isSecret = false;
  // What is typed is echoed at once or not at all, so that a pasted secret is not shown after its end.
  const shown = new Writable({
    write: (chunk: Buffer, _, done) => {
      if (!isSecret) io.stderr.write(chunk.toString());
      done();
    },
  });
  const lines = createInterface({ input: io.stdin, output: shown, terminal: true, historySize: 0 });
  const typed: string[] = [];
  let isOver = false;
  let notify = (): void => {};
  lines.on("line", (line) => {
    typed.push(line);
    notify();
  });
  lines.on("close", () => {
    isOver = true;
    notify();
  });
  lines.on("SIGINT", () => lines.close());
  const nextLine = async (): Promise<string | undefined> => {
    if (typed.length === 0 && !isOver)
      await new Promise<void>((resolve) => {
        notify = resolve;
      });
    return typed.shift();
  };
  const ask = async (question: string, secretly: boolean): Promise<string> => {
    isSecret = secretly;
    io.stderr.write(`${printed(question)} `);
    const answer = await nextLine();
    isSecret = false;
    if (secretly) io.stderr.write("\n");
    if (answer === undefined) throw new CommandFailed("Nothing was done: the input ended.");
    return answer;
  };
  try {
    return await talk({
      ask: (question) => ask(question, false),
      askSecretly: (question) => ask(question, true),
    });
  } finally {
    const { line } = lines;
    lines.close();
    giveBack(io, typed, line);
  }
};
