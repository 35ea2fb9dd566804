import { once } from "node:events";
import type { Io } from "./io.ts";

/** Resolves when the command should stop. A second signal ends the process at once. */
export const untilStopped = async (io: Io): Promise<void> => {
  if (io.signal) {
    if (!io.signal.aborted) await once(io.signal, "abort");
    return;
  }
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
};
