import type { Cluster } from "./cluster.ts";
import type { JobEnd, QueuedJob } from "./ledger.ts";
import type { Observed } from "./observed.ts";
import type { Recorder } from "./recorder.ts";
import type { TrialRegistry } from "./registry.ts";
import type { Tally } from "./tally.ts";

/** The jobs whose numbers were answered, and what was seen of their ends. */
export interface Ledger {
  readonly jobs: QueuedJob[];
  readonly seen: Map<number, (JobEnd | undefined)[]>;
}

/** All that the parts of a day share. */
export interface World {
  cluster: Cluster;
  registry: TrialRegistry;
  /** By which the cluster knows it. */
  registryId: string;
  /** The ids of the archives in the library. */
  archives: readonly string[];
  recorder: Recorder;
  observed: Observed;
  ledger: Ledger;
  tally: Tally;
}
