import type { Cluster } from "./cluster.ts";
import type { TrialNode } from "./node-process.ts";
import type { Random } from "./random.ts";

/** A way in which a part of a cluster fails. What begins it returns once it has; what ends it, once all is as before. */
interface FaultKind {
  /** What it befalls: one node, or Redis and so all of them. */
  readonly of: "node" | "all";
  /** Milliseconds from its begin to its end, the least and the most. */
  readonly lasts: readonly [number, number];
  begin(cluster: Cluster, node: TrialNode): Promise<void> | void;
  end(cluster: Cluster, node: TrialNode): Promise<void> | void;
}

const everyLink = (cluster: Cluster, how: "cut" | "stall" | "heal"): void => {
  for (const { link } of cluster.nodes) link[how]();
};

/** The life of a lock and of a job's claim is 10 s, that of a lease 3 s: faults are shorter and longer than both. */
export const faultKinds = {
  "kill -9": {
    of: "node",
    lasts: [200, 6000],
    begin: (_, node) => node.kill(),
    end: (_, node) => node.start(),
  },
  stop: {
    of: "node",
    lasts: [0, 500],
    begin: (_, node) => node.stop(),
    end: (_, node) => node.start(),
  },
  "long pause": {
    of: "node",
    lasts: [11_000, 13_000],
    begin: (_, node) => node.pause(),
    end: (_, node) => node.resume(),
  },
  "short pause": {
    of: "node",
    lasts: [1000, 6000],
    begin: (_, node) => node.pause(),
    end: (_, node) => node.resume(),
  },
  "node cut off": {
    of: "node",
    lasts: [500, 7000],
    begin: (_, { link }) => link.cut(),
    end: (_, { link }) => link.heal(),
  },
  "node stalled": {
    of: "node",
    lasts: [1000, 12_000],
    begin: (_, { link }) => link.stall(),
    end: (_, { link }) => link.heal(),
  },
  "all cut off": {
    of: "all",
    lasts: [500, 6000],
    begin: (cluster) => everyLink(cluster, "cut"),
    end: (cluster) => everyLink(cluster, "heal"),
  },
  "Redis killed": {
    of: "all",
    lasts: [0, 4000],
    begin: (cluster) => cluster.killRedis(),
    end: (cluster) => cluster.startRedis(),
  },
  "Redis paused": {
    of: "all",
    lasts: [1000, 6000],
    begin: (cluster) => cluster.pauseRedis(),
    end: (cluster) => cluster.resumeRedis(),
  },
} as const satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof faultKinds;
export const faultNames = Object.keys(faultKinds) as FaultName[];

/** A fault that is to befall a cluster. */
export interface Fault {
  name: FaultName;
  /** Which node, by its place in the cluster. */
  node: number;
  /** Milliseconds from the begin of the episode. */
  after: number;
  lasts: number;
}

/** Faults of each kind once, in an order of chance, over and over. */
export const createFaults = (random: Random, nodes: number, names: readonly FaultName[] = faultNames) => {
  let deck: FaultName[] = [];
  const draw = (): FaultName => {
    if (deck.length === 0) deck = random.shuffled(names);
    return deck.pop() as FaultName;
  };
  const fault = (node: number): Fault => {
    const name = draw();
    const [least, most] = faultKinds[name].lasts;
    return { name, node, after: random.between(0, 500), lasts: random.between(least, most) };
  };
  /** What happens at once, each to another node; of the faults that befall all there is one at most. */
  return (atOnce: number): Fault[] => {
    if (names.length === 0) return [];
    const places = random.shuffled(Array.from({ length: nodes }, (_, n) => n)).slice(0, atOnce);
    const faults = places.map(fault);
    const first = faults.find(({ name }) => faultKinds[name].of === "all");
    const fits = (one: Fault): boolean => one === first || faultKinds[one.name].of === "node";
    // What does not fit now comes another time.
    deck.push(...faults.filter((one) => !fits(one)).map(({ name }) => name));
    return faults.filter(fits);
  };
};
