import { setTimeout as sleep } from "node:timers/promises";

/** Timers that a wait is made of, so that a suspension of the process uses up one of them and not the whole wait. */
const TICKS = 10;

const runningFor = async (ms: number, signal: AbortSignal): Promise<void> => {
  for (let tick = 0; tick < TICKS; tick++) await sleep(ms / TICKS, undefined, { ref: false, signal });
};

/**
 * Whether work ends within a time that counts only while this process runs. After a suspension, a single timer would be due
 * before the answers that came in meanwhile are read.
 * @param ms milliseconds
 * @throws what the work throws in that time
 */
export const endsWithinRunningTime = async (ms: number, work: Promise<unknown>): Promise<boolean> => {
  const ended = new AbortController();
  try {
    const late = runningFor(ms, ended.signal).then(() => false);
    return await Promise.race([work.then(() => true), late]);
  } finally {
    ended.abort();
  }
};
