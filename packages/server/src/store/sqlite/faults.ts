import { createLimitedProcess } from "../../child-process/limited-process.ts";
import { findBuilt } from "../../disk/find-program.ts";

export interface ToFaultsReader {
  file: string;
  /** Milliseconds to wait for a lock of another program. */
  timeoutMs: number;
}

/** What was found, or what of SQLite's error `storeError` needs. */
export type FromFaultsReader = { faults: string[] } | { error: { message: string } & object };

/** The check reads the whole file, which a slow disk does at some megabytes a second. It holds a few megabytes. */
const LIMITS = { maxMs: 1_800_000, maxMemory: 512 * 1024 * 1024, heapMb: 64 };

/**
 * The damage that SQLite's check finds in a database file. A process of its own looks for it: the check reads the whole file at once,
 * and the file may be a stranger's.
 * @throws SQLite's error where the file cannot be read
 */
export const findFaults = async (request: ToFaultsReader): Promise<string[]> => {
  const reader = createLimitedProcess<ToFaultsReader, FromFaultsReader>({
    ...LIMITS,
    program: () => findBuilt("faults-reader.js"),
  });
  try {
    const reply = await reader.ask(request);
    if ("ended" in reply) return [reply.ended];
    if ("faults" in reply.answer) return reply.answer.faults;
    throw Object.assign(new Error(), reply.answer.error);
  } finally {
    reader.end();
  }
};
