import { call } from "./client.ts";
import { type Cluster, type ClusterOptions, startCluster } from "./cluster.ts";
import { ABSENT, checkReads, type ReadViolation } from "./consistency-checker.ts";
import type { Context } from "./context.ts";
import { type EffectCounter, startEffectCounter } from "./effect-counter.ts";
import { checkFinalState, type NodeState, type StateViolation } from "./final-state-checker.ts";
import { checkJobs, type JobViolation } from "./job-checker.ts";
import { recordJob } from "./job-status.ts";
import { createMeasurements, type Measurements } from "./measurements.ts";
import { installNow } from "./operations.ts";
import { createRandom } from "./random.ts";
import { readNode, readStore } from "./read-final-state.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { NotRecovered, runScenario, type ScenarioOptions } from "./scenario.ts";
import { CHANGING, COUNTER, createRegistry, FIRST_MARK, STAMPER, TAGGERS } from "./test-registry.ts";

/** The result of one run. */
export interface Result {
  seed: number;
  seconds: number;
  operations: number;
  measurements: Measurements;
  recorder: Recorder;
  readViolations: ReadViolation[];
  jobViolations: JobViolation[];
  stateViolations: StateViolation[];
  /** The cluster's folder, which is removed unless it is to be kept. */
  folder: string;
  /** Each unexpected end of a node. */
  crashes: { node: string; at: number }[];
  /** Whether the cluster did not recover from a fault, so that the run ended early. */
  notRecovered: boolean;
  /** The last lines that a node logged before a time. */
  logBefore(node: string, at: number, lines: number): string[];
}

export interface RunOptions extends Omit<ClusterOptions, "now" | "archives">, ScenarioOptions {
  seed: number;
  /** Ends the run early; everything that was started is stopped. */
  signal?: AbortSignal | undefined;
}

const ARCHIVES = 3;
/** Milliseconds in which nodes ingest a library of a few files. */
const LIBRARY_MS = 30_000;

const archivesOf = async (cluster: Cluster): Promise<string[]> => {
  const until = performance.now() + LIBRARY_MS;
  for (;;) {
    const { body } = await call(cluster.balancer.url, { method: "GET", path: "/api/archives" });
    const found = (body.items as { arcid: string }[] | undefined)?.map(({ arcid }) => arcid) ?? [];
    if (found.length === ARCHIVES) return found.sort();
    if (performance.now() > until)
      throw new Error(`the library shows ${found.length} of ${ARCHIVES} archives`);
  }
};

/** Adds the registry. @returns its id @throws Error where that fails */
const addRegistry = async (cluster: Cluster): Promise<string> => {
  const { url } = cluster.balancer;
  const body = { name: "chaos", provider: "local", path: cluster.registryFolder };
  const added = await call(url, { method: "POST", path: "/api/registries", body });
  const id = String(added.body.id);
  const refreshed = await call(url, { method: "POST", path: `/api/registries/${id}/refresh` });
  if (refreshed.verdict !== "ok") throw new Error(`the registry could not be refreshed: ${refreshed.reason}`);
  return id;
};

const recordInitialValues = ({ recorder, registry }: Context): void => {
  for (const name of CHANGING) {
    recorder.initial(`version:${name}`, ABSENT);
    recorder.initial(`mark:${name}`, FIRST_MARK);
    recorder.initial(`newest:${name}`, registry.newest(name));
  }
  for (const name of TAGGERS) recorder.initial(`priority:${name}`, "0");
};

/** How often each job had its effect: at the effect counter, or as a tag. */
const effectsOf = async ({ cluster, archives, effectCounter }: Context): Promise<Map<string, number>> => {
  const effects = new Map(effectCounter.counts);
  for (const id of archives) {
    const { body } = await call(cluster.balancer.url, {
      method: "GET",
      path: `/api/archives/${id}/metadata`,
    });
    for (const tag of String(body.tags).split(",")) {
      const token = /^\s*stamp:(.+?)\s*$/.exec(tag)?.[1];
      if (token) effects.set(token, (effects.get(token) ?? 0) + 1);
    }
  }
  return effects;
};

/**
 * The nodes' final state, and again once each was restarted: a node removes artifacts that others no longer reference when
 * it starts, so that they count only then.
 */
const readNodes = async ({ cluster }: Context): Promise<{ left: NodeState[]; restarted: NodeState[] }> => {
  const left = await Promise.all(cluster.nodes.map(readNode));
  for (const node of cluster.nodes) {
    await node.stop();
    await node.start();
  }
  const restarted = await Promise.all(cluster.nodes.map(readNode));
  return { left: left.map((node) => ({ ...node, artifacts: [] })), restarted };
};

const checkAll = async (context: Context, program: string) => {
  const { cluster, recorder, jobLog } = context;
  // All nodes must agree about a job's end.
  for (const { url } of cluster.nodes) for (const { id } of jobLog.jobs) await recordJob(context, id, url);
  const effects = await effectsOf(context);
  const { left, restarted } = await readNodes(context);
  const store = await readStore(cluster, program);
  return {
    readViolations: checkReads(recorder.writes, recorder.reads),
    jobViolations: checkJobs(jobLog.jobs, jobLog.seen, effects),
    stateViolations: [
      ...checkFinalState(left, store),
      ...checkFinalState(restarted, { ...store, artifacts: store.referenced, leftovers: [] }),
    ],
  };
};

/** Log lines of the load generator's calls, which the recorder has already. */
const isOfLoad = (text: string): boolean =>
  text.includes('"path":"/api/plugins/use"') && text.includes('"status":200');

const logBefore =
  ({ nodes }: Cluster): Result["logBefore"] =>
  (name, at, lines) => {
    const log = nodes.find((node) => node.name === name)?.log ?? [];
    return log
      .filter((line) => line.at <= at && !isOfLoad(line.text))
      .slice(-lines)
      .map((line) => `${line.at.toFixed(0)} ms ${line.text}`);
  };

/** Runs the scenario. @returns the number of operations, and whether the cluster did not recover */
const live = async (
  context: Context,
  options: RunOptions,
): Promise<{ operations: number; notRecovered: boolean }> => {
  try {
    return {
      operations: await runScenario(context, createRandom(options.seed), options),
      notRecovered: false,
    };
  } catch (error) {
    if (!(error instanceof NotRecovered)) throw error;
    const counts = [...context.measurements.operations.values()].flatMap((verdicts) =>
      Object.values(verdicts),
    );
    return { operations: counts.reduce((sum, count) => sum + count, 0), notRecovered: true };
  }
};

/** Rejects when the run is to end early. */
const endedEarly = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => {
    const end = () => reject(new Error("the run was ended early"));
    if (signal?.aborted) end();
    else signal?.addEventListener("abort", end, { once: true });
  });

/** A run in a started cluster, from its set-up to its checks. */
const runIn = async (
  cluster: Cluster,
  effectCounter: EffectCounter,
  recorder: Recorder,
  measurements: Measurements,
  options: RunOptions,
) => {
  const registry = await createRegistry(cluster.registryFolder, effectCounter.port);
  const context: Context = {
    cluster,
    registry,
    registryId: await addRegistry(cluster),
    archives: await archivesOf(cluster),
    recorder,
    measurements,
    jobLog: { jobs: [], seen: new Map() },
    effectCounter,
  };
  recordInitialValues(context);
  for (const name of [COUNTER, STAMPER]) await installNow(context, name);
  const made = await live(context, options);
  const crashes = cluster.nodes.flatMap(({ name, crashes: times }) =>
    times.map((at) => ({ node: name, at })),
  );
  return { ...made, crashes, ...(await checkAll(context, options.program)) };
};

/** Runs the scenario with one seed and checks the result. Everything that was started has ended when it returns. */
export const runSeed = async (options: RunOptions): Promise<Result> => {
  const begun = performance.now();
  const { seed, signal } = options;
  const recorder = createRecorder();
  const measurements = createMeasurements();
  const effectCounter = await startEffectCounter();
  try {
    const cluster = await startCluster({ ...options, archives: ARCHIVES, now: recorder.now });
    try {
      const running = runIn(cluster, effectCounter, recorder, measurements, options);
      const judged = await Promise.race([running, endedEarly(signal)]);
      const seconds = (performance.now() - begun) / 1000;
      const { folder } = cluster;
      return { seed, seconds, folder, measurements, recorder, ...judged, logBefore: logBefore(cluster) };
    } finally {
      await cluster.close();
    }
  } finally {
    await effectCounter.close();
  }
};
