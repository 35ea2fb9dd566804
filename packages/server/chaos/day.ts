import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "./ask.ts";
import { createFaults, type Fault, type FaultName, faultKinds, faultNames } from "./faults.ts";
import { noteJob, unended } from "./jobs.ts";
import { startLoad } from "./load.ts";
import type { Phase } from "./observed.ts";
import { operate } from "./operations.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

export interface DayOptions {
  /** Operations that are made at least; more where not every kind of fault has happened by then. */
  operations: number;
  /** Calls of the steady load in a second. */
  callsPerSecond: number;
  /** Operations between one fault and the next. */
  perEpisode: number;
  /** The kinds of faults that befall the cluster; all where absent. */
  faults?: readonly FaultName[] | undefined;
  /** How many faults there may be at once, of different nodes. */
  mostAtOnce: number;
  /** Told what happens. */
  tell: (what: string) => void;
}

/** Operations that are under way at once. */
const OPERATORS = 3;
/** Milliseconds in which a cluster that nothing happens to any more must be well and have nothing left to do. */
const SETTLES_MS = 90_000;
const LOOK_MS = 100;

const phaseOf = (faults: readonly Fault[]): Phase =>
  faults.some(({ name }) => faultKinds[name].of === "all") ? "all" : "nodes";

/** Lets one fault happen, from its begin to its end. */
const befall = async (
  { cluster, observed }: World,
  fault: Fault,
  tell: DayOptions["tell"],
): Promise<void> => {
  const node = cluster.nodes[fault.node];
  if (!node) return;
  const { begin, end, of } = faultKinds[fault.name];
  await sleep(fault.after);
  observed.faults.set(fault.name, (observed.faults.get(fault.name) ?? 0) + 1);
  tell(`${fault.name}${of === "node" ? ` of ${node.name}` : ""} for ${fault.lasts} ms`);
  await begin(cluster, node);
  await sleep(fault.lasts);
  await end(cluster, node);
};

/** Operates until so many operations were made and the faults are over. */
const operateUntil = async (
  world: World,
  random: Random,
  count: number,
  over: () => boolean,
): Promise<number> => {
  let made = 0;
  const operator = async (chance: Random): Promise<void> => {
    while (made < count || !over()) {
      made++;
      await operate(world, chance);
    }
  };
  await Promise.all(Array.from({ length: OPERATORS }, () => operator(random.fork())));
  return made;
};

const isWell = async ({ cluster }: World): Promise<boolean> => {
  const asked = { method: "GET", path: "/healthz" } as const;
  const answers = await Promise.all(cluster.nodes.map(({ url }) => ask(url, asked, { timeoutMs: 5000 })));
  return answers.every(({ verdict }) => verdict === "ok");
};

/** A cluster that is left alone and does not become well, or does not end its jobs. */
export class Restless extends Error {}

/** Waits until every node is well, nobody works on an old call, and no job is left. @throws Restless */
const settle = async (world: World): Promise<void> => {
  const until = performance.now() + SETTLES_MS;
  await world.cluster.balancer.idle();
  while (!((await isWell(world)) && (await unended(world)) === 0)) {
    if (performance.now() > until) throw new Restless("the cluster does not come to rest");
    await sleep(LOOK_MS);
  }
  world.recorder.settled();
  for (const { id } of world.ledger.jobs) if (!world.ledger.seen.has(id)) await noteJob(world, id);
};

/** Lets some faults happen while operations go on, then waits until all is well again. */
const episode = async (
  world: World,
  random: Random,
  faults: Fault[],
  options: DayOptions,
): Promise<number> => {
  let over = false;
  world.observed.phase = phaseOf(faults);
  const befalling = Promise.all(faults.map((fault) => befall(world, fault, options.tell))).finally(() => {
    over = true;
  });
  const [made] = await Promise.all([operateUntil(world, random, options.perEpisode, () => over), befalling]);
  await settle(world);
  world.observed.phase = "quiet";
  return made;
};

/** A day of a cluster: calls all the while, operations, one trouble after the other. */
export const runDay = async (world: World, random: Random, options: DayOptions): Promise<number> => {
  const load = startLoad(world, random.fork(), options.callsPerSecond);
  const faults = createFaults(random.fork(), world.cluster.nodes.length, options.faults);
  const happened = () => (options.faults ?? faultNames).every((name) => world.observed.faults.has(name));
  let made = 0;
  try {
    while (made < options.operations || !happened()) {
      // A while in which nothing happens, so that what is slow only then is seen too.
      made += await operateUntil(world, random.fork(), options.perEpisode, () => true);
      made += await episode(world, random.fork(), faults(random.between(1, options.mostAtOnce)), options);
    }
  } finally {
    await load.stop();
  }
  await settle(world);
  return made;
};
