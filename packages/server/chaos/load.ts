import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "./random.ts";
import { listOf, type Reading, searchFor, take, useOf } from "./readings.ts";
import { CHANGING, SCRIPTS } from "./registry.ts";
import type { World } from "./world.ts";

/** Calls that may hang at once; beyond them the load waits, as its users would. */
const MOST_AT_ONCE = 64;

/** Mostly calls of plugins; a list now and then, which tells of all at once, and a search. */
const choose = (random: Random): Reading => {
  const chance = random.next();
  if (chance < 0.12) return listOf();
  if (chance < 0.18) return searchFor(random.pick(CHANGING));
  return useOf(random.pick(SCRIPTS));
};

/** Calls that go on at the same pace whatever fails. */
export interface Load {
  /** Begins no more calls and waits for those under way. */
  stop(): Promise<void>;
}

export const startLoad = (world: World, random: Random, perSecond: number): Load => {
  const underWay = new Set<Promise<unknown>>();
  let running = true;
  const one = (): void => {
    const call = take(world, choose(random)).finally(() => underWay.delete(call));
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
