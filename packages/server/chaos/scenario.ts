import { setTimeout as sleep } from "node:timers/promises";
import { call } from "./client.ts";
import type { Context } from "./context.ts";
import { createFaults, type Fault, type FaultName, faultKinds, faultNames } from "./faults.ts";
import { recordJob, unfinishedJobs } from "./job-status.ts";
import { startLoad } from "./load-generator.ts";
import type { Phase } from "./measurements.ts";
import { operate } from "./operations.ts";
import type { Random } from "./random.ts";

export interface ScenarioOptions {
  /** Minimum number of operations; more are made until every kind of fault was injected. */
  operations: number;
  /** Calls a second of the load generator. */
  callsPerSecond: number;
  /** Operations between one fault and the next. */
  perEpisode: number;
  /** The kinds of faults to inject; all where absent. */
  faults?: readonly FaultName[] | undefined;
  /** Maximum number of faults at once, in different nodes. */
  mostAtOnce: number;
  /** Called with each fault in words. */
  onFault: (what: string) => void;
}

/** Operations in flight at once. */
const OPERATORS = 3;
/** Milliseconds in which a cluster must recover once a fault is over. */
const RECOVERY_MS = 90_000;
const POLL_MS = 100;

const phaseOf = (faults: readonly Fault[]): Phase =>
  faults.some(({ name }) => faultKinds[name].of === "all") ? "all" : "nodes";

/** Injects one fault, from its begin to its end. */
const inject = async (
  { cluster, measurements }: Context,
  fault: Fault,
  onFault: ScenarioOptions["onFault"],
): Promise<void> => {
  const node = cluster.nodes[fault.node];
  if (!node) return;
  const { begin, end, of } = faultKinds[fault.name];
  await sleep(fault.after);
  measurements.faults.set(fault.name, (measurements.faults.get(fault.name) ?? 0) + 1);
  onFault(`${fault.name}${of === "node" ? ` of ${node.name}` : ""} for ${fault.lasts} ms`);
  await begin(cluster, node);
  await sleep(fault.lasts);
  await end(cluster, node);
};

/** Makes operations until the count is reached and the faults are over. */
const operateUntil = async (
  context: Context,
  random: Random,
  count: number,
  over: () => boolean,
): Promise<number> => {
  let made = 0;
  const operator = async (chance: Random): Promise<void> => {
    while (made < count || !over()) {
      made++;
      await operate(context, chance);
    }
  };
  await Promise.all(Array.from({ length: OPERATORS }, () => operator(random.fork())));
  return made;
};

const isHealthy = async ({ cluster }: Context): Promise<boolean> => {
  const asked = { method: "GET", path: "/healthz" } as const;
  const answers = await Promise.all(cluster.nodes.map(({ url }) => call(url, asked, { timeoutMs: 5000 })));
  return answers.every(({ verdict }) => verdict === "ok");
};

/** Thrown where a cluster without faults does not become healthy or does not end its jobs. */
export class NotRecovered extends Error {}

/** Waits until every node is healthy, works on no old call, and no job is left. @throws NotRecovered */
const waitForRest = async (context: Context): Promise<void> => {
  const until = performance.now() + RECOVERY_MS;
  await context.cluster.balancer.idle();
  while (!((await isHealthy(context)) && (await unfinishedJobs(context)) === 0)) {
    if (performance.now() > until) throw new NotRecovered("the cluster does not come to rest");
    await sleep(POLL_MS);
  }
  context.recorder.rest();
  for (const { id } of context.jobLog.jobs) if (!context.jobLog.seen.has(id)) await recordJob(context, id);
};

/** Injects some faults during operations, then waits for recovery. */
const episode = async (
  context: Context,
  random: Random,
  faults: Fault[],
  options: ScenarioOptions,
): Promise<number> => {
  let over = false;
  context.measurements.phase = phaseOf(faults);
  const injecting = Promise.all(faults.map((fault) => inject(context, fault, options.onFault))).finally(
    () => {
      over = true;
    },
  );
  const [made] = await Promise.all([
    operateUntil(context, random, options.perEpisode, () => over),
    injecting,
  ]);
  await waitForRest(context);
  context.measurements.phase = "quiet";
  return made;
};

/** Load all the time, operations, and one episode of faults after the other. */
export const runScenario = async (
  context: Context,
  random: Random,
  options: ScenarioOptions,
): Promise<number> => {
  const load = startLoad(context, random.fork(), options.callsPerSecond);
  const faults = createFaults(random.fork(), context.cluster.nodes.length, options.faults);
  const happened = () =>
    (options.faults ?? faultNames).every((name) => context.measurements.faults.has(name));
  let made = 0;
  try {
    while (made < options.operations || !happened()) {
      // A phase without faults, so that it is measured too.
      made += await operateUntil(context, random.fork(), options.perEpisode, () => true);
      made += await episode(context, random.fork(), faults(random.between(1, options.mostAtOnce)), options);
    }
  } finally {
    await load.stop();
  }
  await waitForRest(context);
  return made;
};
