import type { ChildProcess } from "node:child_process";

const running = new Set<ChildProcess>();

// Before the folders that they work in are removed.
process.prependListener("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Ends a child process with this process at the latest. */
export const killAtExit = <T extends ChildProcess>(child: T): T => {
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
};
