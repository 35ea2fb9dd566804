import { judgeRemains, type NodeState, type WrongRemain } from "./aftermath.ts";
import { ask } from "./ask.ts";
import { ABSENT, judge, type WrongAnswer } from "./checker.ts";
import { type Cluster, type ClusterOptions, startCluster } from "./cluster.ts";
import { type DayOptions, Restless, runDay } from "./day.ts";
import { noteJob } from "./jobs.ts";
import { judgeJobs, type WrongJob } from "./ledger.ts";
import { createObserved, type Observed } from "./observed.ts";
import { installNow } from "./operations.ts";
import { createRandom } from "./random.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { CHANGING, COUNTER, createRegistry, FIRST_MARK, STAMPER, TAGGERS } from "./registry.ts";
import { readNode, readStore } from "./remains.ts";
import { startTally, type Tally } from "./tally.ts";
import type { World } from "./world.ts";

/** What came of one day. */
export interface Result {
  seed: number;
  seconds: number;
  operations: number;
  observed: Observed;
  recorder: Recorder;
  wrongAnswers: WrongAnswer[];
  wrongJobs: WrongJob[];
  wrongRemains: WrongRemain[];
  /** Where all of it was, and still is where it was to be kept. */
  folder: string;
  /** Each time that a node ended by itself. */
  crashes: { node: string; at: number }[];
  /** Whether it never became well again after a fault, so that the day ended early. */
  restless: boolean;
  /** The last lines that a node logged before a time. */
  logBefore(node: string, at: number, lines: number): string[];
}

export interface TrialOptions extends Omit<ClusterOptions, "now" | "archives">, DayOptions {
  seed: number;
  /** Ends the trial early; what was started ends all the same. */
  signal?: AbortSignal | undefined;
}

const ARCHIVES = 3;
/** Milliseconds in which nodes take in a library of a few files. */
const LIBRARY_MS = 30_000;

const archivesOf = async (cluster: Cluster): Promise<string[]> => {
  const until = performance.now() + LIBRARY_MS;
  for (;;) {
    const { body } = await ask(cluster.balancer.url, { method: "GET", path: "/api/archives" });
    const found = (body.items as { arcid: string }[] | undefined)?.map(({ arcid }) => arcid) ?? [];
    if (found.length === ARCHIVES) return found.sort();
    if (performance.now() > until)
      throw new Error(`the library shows ${found.length} of ${ARCHIVES} archives`);
  }
};

/** Adds the registry and installs what jobs run. @throws Error where it does not work */
const furnish = async (cluster: Cluster): Promise<string> => {
  const { url } = cluster.balancer;
  const body = { name: "trial", provider: "local", path: cluster.registryFolder };
  const added = await ask(url, { method: "POST", path: "/api/registries", body });
  const id = String(added.body.id);
  const refreshed = await ask(url, { method: "POST", path: `/api/registries/${id}/refresh` });
  if (refreshed.verdict !== "ok") throw new Error(`the registry could not be refreshed: ${refreshed.reason}`);
  return id;
};

const noteBeginning = ({ recorder, registry }: World): void => {
  for (const name of CHANGING) {
    recorder.initial(`version:${name}`, ABSENT);
    recorder.initial(`mark:${name}`, FIRST_MARK);
    recorder.initial(`newest:${name}`, registry.newest(name));
  }
  for (const name of TAGGERS) recorder.initial(`priority:${name}`, "0");
};

/** How often the effect of each job is there: told to the tally, or left as a tag. */
const effectsOf = async ({ cluster, archives, tally }: World): Promise<Map<string, number>> => {
  const effects = new Map(tally.counts);
  for (const id of archives) {
    const { body } = await ask(cluster.balancer.url, { method: "GET", path: `/api/archives/${id}/metadata` });
    for (const tag of String(body.tags).split(",")) {
      const token = /^\s*stamp:(.+?)\s*$/.exec(tag)?.[1];
      if (token) effects.set(token, (effects.get(token) ?? 0) + 1);
    }
  }
  return effects;
};

/**
 * The nodes as the day left them, and again once each was started anew. A node removes copies of versions that others forgot when
 * it starts, so that they count only then.
 */
const readNodes = async ({ cluster }: World): Promise<{ left: NodeState[]; restarted: NodeState[] }> => {
  const left = await Promise.all(cluster.nodes.map(readNode));
  for (const node of cluster.nodes) {
    await node.stop();
    await node.start();
  }
  const restarted = await Promise.all(cluster.nodes.map(readNode));
  return { left: left.map((node) => ({ ...node, artifacts: [] })), restarted };
};

const judgeAll = async (world: World, program: string) => {
  const { cluster, recorder, ledger } = world;
  // Each node is asked: the end of a job is one, whoever tells of it.
  for (const { url } of cluster.nodes) for (const { id } of ledger.jobs) await noteJob(world, id, url);
  const effects = await effectsOf(world);
  const { left, restarted } = await readNodes(world);
  const store = await readStore(cluster, program);
  return {
    wrongAnswers: judge(recorder.writes, recorder.reads),
    wrongJobs: judgeJobs(ledger.jobs, ledger.seen, effects),
    wrongRemains: [
      ...judgeRemains(left, store),
      ...judgeRemains(restarted, { ...store, artifacts: store.referenced, remains: [] }),
    ],
  };
};

/** Lines of which there are thousands, and which say nothing that the trial does not know. */
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

/** The operations that a day made, and whether it came to its end. */
const live = async (
  world: World,
  options: TrialOptions,
): Promise<{ operations: number; restless: boolean }> => {
  try {
    return { operations: await runDay(world, createRandom(options.seed), options), restless: false };
  } catch (error) {
    if (!(error instanceof Restless)) throw error;
    const counts = [...world.observed.operations.values()].flatMap((verdicts) => Object.values(verdicts));
    return { operations: counts.reduce((sum, count) => sum + count, 0), restless: true };
  }
};

/** Rejects when the trial is to end early. */
const endedEarly = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => {
    const end = () => reject(new Error("the trial was ended early"));
    if (signal?.aborted) end();
    else signal?.addEventListener("abort", end, { once: true });
  });

/** The day in a cluster that stands, from its furnishing to its judgement. */
const dayIn = async (
  cluster: Cluster,
  tally: Tally,
  recorder: Recorder,
  observed: Observed,
  options: TrialOptions,
) => {
  const registry = await createRegistry(cluster.registryFolder, tally.port);
  const world: World = {
    cluster,
    registry,
    registryId: await furnish(cluster),
    archives: await archivesOf(cluster),
    recorder,
    observed,
    ledger: { jobs: [], seen: new Map() },
    tally,
  };
  noteBeginning(world);
  for (const name of [COUNTER, STAMPER]) await installNow(world, name);
  const lived = await live(world, options);
  const crashes = cluster.nodes.flatMap(({ name, crashes: times }) =>
    times.map((at) => ({ node: name, at })),
  );
  return { ...lived, crashes, ...(await judgeAll(world, options.program)) };
};

/** Runs one day of one seed, and says what was wrong with it. Whatever was started has ended when it returns. */
export const runTrial = async (options: TrialOptions): Promise<Result> => {
  const begun = performance.now();
  const { seed, signal } = options;
  const recorder = createRecorder();
  const observed = createObserved();
  const tally = await startTally();
  try {
    const cluster = await startCluster({ ...options, archives: ARCHIVES, now: recorder.now });
    try {
      const day = dayIn(cluster, tally, recorder, observed, options);
      const judged = await Promise.race([day, endedEarly(signal)]);
      const seconds = (performance.now() - begun) / 1000;
      const { folder } = cluster;
      return { seed, seconds, folder, observed, recorder, ...judged, logBefore: logBefore(cluster) };
    } finally {
      await cluster.close();
    }
  } finally {
    await tally.close();
  }
};
