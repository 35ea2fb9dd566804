import type { ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";

/** A process that speaks frames: it reads them from its input and writes them to its output. */
export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts processes that are all alike, each of which waits for a plugin. */
export interface Launcher {
  start(): Child;
  /** Removes what was set aside on disk. */
  dispose(): Promise<void>;
}
