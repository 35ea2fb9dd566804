import type { Cluster } from "./cluster.ts";
import type { ServerNode } from "./node-process.ts";
import type { Random } from "./random.ts";

/** A kind of fault. `begin` returns once it has begun, `end` once it is over. */
interface FaultKind {
  /** Whether it affects one node, or Redis and so all of them. */
  readonly of: "node" | "all";
  /** Milliseconds from its begin to its end: minimum and maximum. */
  readonly lasts: readonly [number, number];
  begin(cluster: Cluster, node: ServerNode): Promise<void> | void;
  end(cluster: Cluster, node: ServerNode): Promise<void> | void;
}

const everyProxy = (cluster: Cluster, how: "cut" | "stall" | "heal"): void => {
  for (const { proxy } of cluster.nodes) proxy[how]();
};

/** A lock and a job's claim live 10 s, a lease 3 s: some faults are shorter and some longer than both. */
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
    begin: (_, { proxy }) => proxy.cut(),
    end: (_, { proxy }) => proxy.heal(),
  },
  "node stalled": {
    of: "node",
    lasts: [1000, 12_000],
    begin: (_, { proxy }) => proxy.stall(),
    end: (_, { proxy }) => proxy.heal(),
  },
  "all cut off": {
    of: "all",
    lasts: [500, 6000],
    begin: (cluster) => everyProxy(cluster, "cut"),
    end: (cluster) => everyProxy(cluster, "heal"),
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

/** A fault that is to be injected. */
export interface Fault {
  name: FaultName;
  /** The node's index in the cluster. */
  node: number;
  /** Milliseconds from the begin of the episode. */
  after: number;
  lasts: number;
}

/** Draws faults in random order, each kind once before any kind twice. */
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
  /** What happens at once, each to another node; of the faults that inject all there is one at most. */
  return (atOnce: number): Fault[] => {
    if (names.length === 0) return [];
    const places = random.shuffled(Array.from({ length: nodes }, (_, n) => n)).slice(0, atOnce);
    const faults = places.map(fault);
    const first = faults.find(({ name }) => faultKinds[name].of === "all");
    const fits = (one: Fault): boolean => one === first || faultKinds[one.name].of === "node";
    // A fault that does not fit now is drawn later.
    deck.push(...faults.filter((one) => !fits(one)).map(({ name }) => name));
    return faults.filter(fits);
  };
};
