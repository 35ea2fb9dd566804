import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "./context.ts";
import type { Random } from "./random.ts";
import { listOf, type ReadCall, searchFor, take, useOf } from "./reads.ts";
import { CHANGING, SCRIPTS } from "./test-registry.ts";

/** Calls in flight at most; beyond them the load generator waits. */
const MOST_AT_ONCE = 64;

/** Mostly calls of plugins; sometimes a list, which reads all plugins at once, or a search. */
const choose = (random: Random): ReadCall => {
  const chance = random.next();
  if (chance < 0.12) return listOf();
  if (chance < 0.18) return searchFor(random.pick(CHANGING));
  return useOf(random.pick(SCRIPTS));
};

/** Makes calls at the same rate, also during faults. */
export interface LoadGenerator {
  /** Begins no more calls and waits for those in flight. */
  stop(): Promise<void>;
}

export const startLoad = (context: Context, random: Random, perSecond: number): LoadGenerator => {
  const underWay = new Set<Promise<unknown>>();
  let running = true;
  const one = (): void => {
    const call = take(context, choose(random)).finally(() => underWay.delete(call));
    underWay.add(call);
  };
  const loop = async (): Promise<void> => {
    const begun = performance.now();
    for (let n = 0; running; n++) {
      const due = begun + (n * 1000) / perSecond;
      await sleep(Math.max(0, due - performance.now()));
      while (running && underWay.size >= MOST_AT_ONCE) await Promise.race(underWay);
      if (running) one();
    }
  };
  const looping = loop();
  return {
    stop: async () => {
      running = false;
      await looping;
      await Promise.all(underWay);
    },
  };
};
