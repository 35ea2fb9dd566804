import { setTimeout as sleep } from "node:timers/promises";

/** Parts that a wait is made of; after each, what has come in is read. */
const PARTS = 10;
/** How much longer than it should a part takes in which the process stood still. */
const STOOD_STILL = 2;
/** How many such parts do not count: a process is not suspended more often, and a machine that is always late must not wait on and on. */
const FORGIVEN = 2;

/** Waits for a time that counts only while this process runs. */
const runningFor = async (ms: number, signal: AbortSignal): Promise<void> => {
  const part = ms / PARTS;
  for (let [counted, left] = [0, FORGIVEN]; counted < PARTS; ) {
    const began = performance.now();
    await sleep(part, undefined, { ref: false, signal });
    const stoodStill = performance.now() - began > part * STOOD_STILL + 1;
    if (stoodStill && left > 0) left--;
    else counted++;
  }
};

/**
 * Whether work ends in a time in which this process runs. A timer alone would say after a suspension that the time is over, before the
 * answer is read that came in meanwhile.
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
