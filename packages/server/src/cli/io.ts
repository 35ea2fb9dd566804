import type { Readable } from "node:stream";

/** An output of the program; `isTTY` marks a terminal. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  /** The width of the terminal. */
  columns?: number;
}

/** All inputs and outputs of the command line, so that tests can run it in their own process. */
export interface Io {
  stdout: Output;
  stderr: Output;
  stdin: Readable & { isTTY?: boolean };
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Ends `serve` and `watch`. If absent, signals of the process end them. */
  signal?: AbortSignal;
}

/** The inputs and outputs of this process. */
export const processIo = (): Io => ({
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
});

/** The signal that ends a command; one that never aborts where there is none. */
export const signalOf = ({ signal }: Io): AbortSignal => signal ?? new AbortController().signal;

/** All of standard input as text. */
export const readStdin = async ({ stdin }: Io): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
};

/** Whether a user can answer a question. */
export const isInteractive = (io: Io): boolean => io.stdin.isTTY === true && io.stderr.isTTY === true;

/** The width of a terminal that does not tell its own. */
const DEFAULT_WIDTH = 80;

/** The places in a line of the output: those of the terminal, else `COLUMNS`. A line in a file or a pipe has no end. */
export const lineWidth = ({ stdout, env }: Io): number =>
  stdout.columns ||
  Number.parseInt(env.COLUMNS ?? "", 10) ||
  (stdout.isTTY ? DEFAULT_WIDTH : Number.POSITIVE_INFINITY);

/** Whether to write colours (https://no-color.org). */
export const hasColour = (io: Io, output: Output): boolean => output.isTTY === true && !io.env.NO_COLOR;

/** Gives lines back that were typed ahead, and the begin of one more, so that the next question gets them. */
export const giveBack = ({ stdin }: Pick<Io, "stdin">, lines: readonly string[], begun = ""): void => {
  const text = [...lines, begun].join("\n");
  if (text !== "" && !stdin.readableEnded) stdin.unshift(Buffer.from(text));
};
