import type { Answer } from "./client.ts";

/** The faults during a call: none, of one or several nodes, or of Redis and so of all nodes. */
export const phases = ["quiet", "nodes", "all"] as const;
export type Phase = (typeof phases)[number];

/** An error on which no client can act, which counts as a violation. */
export interface Unclear {
  what: string;
  reason: string;
  node: string;
  /** By the recorder's clock. */
  at: number;
}

/** What is counted and timed in a run. */
export interface Measurements {
  /** Set while faults are injected. */
  phase: Phase;
  /** Milliseconds of the calls that were served, and of the installs from the call to the end of their job. */
  readonly callMs: number[];
  readonly installMs: number[];
  readonly served: Record<Phase, number>;
  readonly unserved: Record<Phase, number>;
  /** Clear errors that a call could not be served now, by code or reason. */
  readonly unavailable: Map<string, number>;
  /** Verdicts of operations, by name. */
  readonly operations: Map<string, Record<Answer["verdict"], number>>;
  readonly faults: Map<string, number>;
  readonly unclear: Unclear[];
  call(answer: Answer, what: string, ms: number, at: number): void;
  operation(name: string, answer: Pick<Answer, "verdict" | "reason" | "node">, at: number): void;
}

const none = (): Record<Phase, number> => ({ quiet: 0, nodes: 0, all: 0 });

const countIn = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);

export const createMeasurements = (): Measurements => {
  const measurements: Measurements = {
    phase: "quiet",
    callMs: [],
    installMs: [],
    served: none(),
    unserved: none(),
    unavailable: new Map(),
    operations: new Map(),
    faults: new Map(),
    unclear: [],
    call: ({ verdict, reason, node }, what, ms, at) => {
      const { phase } = measurements;
      if (verdict === "ok" || verdict === "refused") {
        measurements.served[phase]++;
        measurements.callMs.push(ms);
        return;
      }
      measurements.unserved[phase]++;
      if (verdict === "unavailable") countIn(measurements.unavailable, reason);
      else measurements.unclear.push({ what, reason, node, at });
    },
    operation: (name, { verdict, reason, node }, at) => {
      const known = measurements.operations.get(name) ?? { ok: 0, refused: 0, unavailable: 0, unclear: 0 };
      known[verdict]++;
      measurements.operations.set(name, known);
      if (verdict === "unavailable") countIn(measurements.unavailable, reason);
      if (verdict === "unclear") measurements.unclear.push({ what: name, reason, node, at });
    },
  };
  return measurements;
};
