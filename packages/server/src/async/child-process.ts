import { type ChildProcessByStdio, type SpawnOptions, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { surviveErrors } from "./stream-errors.ts";

/** A started program with a pipe for its input, its output and its errors. */
export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Starts a program. No error of the process or of its pipes ends this process: `close` and `error` report its end.
 * @throws Error where the system has no free file descriptor for its pipes
 */
export const startChild = (
  program: string,
  args: readonly string[],
  options: Omit<SpawnOptions, "stdio">,
): Child => {
  const child = surviveErrors(spawn(program, args, { ...options, stdio: ["pipe", "pipe", "pipe"] }));
  const { stdin, stdout, stderr } = child as Partial<Child>;
  if (!stdin || !stdout || !stderr) throw new Error("it could not be started: too many files are open");
  for (const pipe of [stdin, stdout, stderr]) surviveErrors(pipe);
  return child;
};
