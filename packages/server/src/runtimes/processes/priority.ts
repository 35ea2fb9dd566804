import { readdirSync } from "node:fs";
import { setPriority } from "node:os";

/** Gives way to the server where both want the processor; a third of its share, not so little as to starve. */
const PRIORITY = 5;

/** On Linux a priority belongs to a thread; elsewhere to the process. */
const threadsOf = (pid: number): number[] =>
  process.platform === "linux" ? readdirSync(`/proc/${pid}/task`).map(Number) : [pid];

/** Lowers the priority of a process that is about to run a plugin. Its start is ours, and not to be slowed down. */
export const lowerPriority = (pid: number): void => {
  try {
    for (const thread of threadsOf(pid)) setPriority(thread, PRIORITY);
  } catch {
    // The process has just ended, which its owner hears of; or this machine does not let us, which costs only speed.
  }
};
