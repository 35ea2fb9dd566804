import { type ChildProcessByStdio, type SpawnOptions, type StdioOptions, spawn } from "node:child_process";
import { Duplex, type Readable, type Writable } from "node:stream";
import { surviveErrors } from "./stream-errors.ts";

/** A started program with a pipe for its input, its output and its errors. */
export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

export interface StartOptions extends Omit<SpawnOptions, "stdio"> {
  /** What the program reads from file descriptor 3; without it the program has no such file. */
  third?: Buffer | undefined;
}

/**
 * Starts a program. No error of the process or of its pipes ends this process: `close` and `error` report its end.
 * @throws Error where the system has no free file descriptor for its pipes
 */
export const startChild = (
  program: string,
  args: readonly string[],
  { third, ...options }: StartOptions,
): Child => {
  const stdio: StdioOptions = ["pipe", "pipe", "pipe", ...(third ? (["pipe"] as const) : [])];
  const child = surviveErrors(spawn(program, args, { ...options, stdio }));
  const { stdin, stdout, stderr } = child as Partial<Child>;
  if (!stdin || !stdout || !stderr) throw new Error("it could not be started: too many files are open");
  for (const pipe of [stdin, stdout, stderr]) surviveErrors(pipe);
  const pipe = child.stdio[3];
  if (pipe instanceof Duplex) surviveErrors(pipe).resume().end(third);
  return child as Child;
};
