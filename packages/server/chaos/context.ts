import type { Cluster } from "./cluster.ts";
import type { EffectCounter } from "./effect-counter.ts";
import type { JobEnd, QueuedJob } from "./job-checker.ts";
import type { Measurements } from "./measurements.ts";
import type { Recorder } from "./recorder.ts";
import type { TestRegistry } from "./test-registry.ts";

/** The jobs whose ids were answered, and what was seen of their ends. */
export interface JobLog {
  readonly jobs: QueuedJob[];
  readonly seen: Map<number, (JobEnd | undefined)[]>;
}

/** What all parts of a run share. */
export interface Context {
  cluster: Cluster;
  registry: TestRegistry;
  /** Its id in the cluster. */
  registryId: string;
  /** The ids of the archives in the library. */
  archives: readonly string[];
  recorder: Recorder;
  measurements: Measurements;
  jobLog: JobLog;
  effectCounter: EffectCounter;
}
