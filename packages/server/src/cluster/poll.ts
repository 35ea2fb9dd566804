import { repeat, type StopRepeating } from "../async/repeat.ts";

/** Milliseconds between two checks for changes that other programs make without a notification. */
const EVERY_MS = 30_000;

/**
 * Checks again and again, one check after the other.
 * @param onError called with the error of a check that failed
 */
export const poll = (
  check: () => Promise<void>,
  onError: (error: unknown) => void,
  everyMs: number = EVERY_MS,
): StopRepeating => repeat(check, { everyMs, onError });
