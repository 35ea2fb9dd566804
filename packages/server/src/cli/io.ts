import type { Readable } from "node:stream";

/** Where a program writes; a terminal where `isTTY` says so. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  /** Characters a line, for a terminal. */
  columns?: number;
}

/** Everything of the world that the command line touches, so that tests run it in their own process. */
export interface Io {
  stdout: Output;
  stderr: Output;
  stdin: Readable & { isTTY?: boolean };
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Ends `serve`; the signals of the process end it too where this is not given. */
  signal?: AbortSignal;
}

/** The world of the real process. */
export const processIo = (): Io => ({
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
});

/** Whether somebody sits there who can answer a question. */
export const isInteractive = (io: Io): boolean => io.stdin.isTTY === true && io.stderr.isTTY === true;

/** Whether this output takes colours (https://no-color.org). */
export const hasColour = (io: Io, output: Output): boolean => output.isTTY === true && !io.env.NO_COLOR;
