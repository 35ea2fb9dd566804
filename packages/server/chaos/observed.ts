import type { Answer } from "./ask.ts";

/** What goes on while a call is made: nothing, one node or several fail, or Redis does and so all nodes. */
export const phases = ["quiet", "nodes", "all"] as const;
export type Phase = (typeof phases)[number];

/** An error that says nothing that anybody could act on, which is a wrong answer too. */
export interface Unclear {
  what: string;
  reason: string;
  node: string;
  /** By the recorder's clock. */
  at: number;
}

/** What is counted and timed of a day. */
export interface Observed {
  /** Set by whoever makes things fail. */
  phase: Phase;
  /** Milliseconds of the calls that were served, and of the installs from the call to the end of their job. */
  readonly callMs: number[];
  readonly installMs: number[];
  readonly served: Record<Phase, number>;
  readonly unserved: Record<Phase, number>;
  /** Errors that said clearly that something could not be served, by code or reason. */
  readonly unavailable: Map<string, number>;
  /** Operations by name and how they went. */
  readonly operations: Map<string, Record<Answer["verdict"], number>>;
  readonly faults: Map<string, number>;
  readonly unclear: Unclear[];
  call(answer: Answer, what: string, ms: number, at: number): void;
  operation(name: string, answer: Pick<Answer, "verdict" | "reason" | "node">, at: number): void;
}

const none = (): Record<Phase, number> => ({ quiet: 0, nodes: 0, all: 0 });

const countIn = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);

export const createObserved = (): Observed => {
  const observed: Observed = {
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
      const { phase } = observed;
      if (verdict === "ok" || verdict === "refused") {
        observed.served[phase]++;
        observed.callMs.push(ms);
        return;
      }
      observed.unserved[phase]++;
      if (verdict === "unavailable") countIn(observed.unavailable, reason);
      else observed.unclear.push({ what, reason, node, at });
    },
    operation: (name, { verdict, reason, node }, at) => {
      const known = observed.operations.get(name) ?? { ok: 0, refused: 0, unavailable: 0, unclear: 0 };
      known[verdict]++;
      observed.operations.set(name, known);
      if (verdict === "unavailable") countIn(observed.unavailable, reason);
      if (verdict === "unclear") observed.unclear.push({ what: name, reason, node, at });
    },
  };
  return observed;
};
