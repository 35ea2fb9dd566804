import type { Live } from "./types.ts";

/** For a process that has its store for itself: what it changes is in force at once. */
export const alone: Live = {
  current: () => undefined,
  everywhere: async () => {},
  start: (load) => load(),
  stop: async () => {},
};
