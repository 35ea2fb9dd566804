import type { EventObserver } from "../events/types.ts";
import type { JobObserver } from "../jobs/observed.ts";
import { outcomeOf } from "../jobs/outcome.ts";
import type { BrokerObserver } from "../runtimes/types.ts";
import type { Metrics } from "./metrics.ts";

/** Counts requests of plugins to the host, and their fetches by class of status. */
export const countHostRequests = ({ hostRequests, fetches }: Metrics): BrokerObserver => ({
  onHostRequest: (capability, outcome) => hostRequests.inc({ capability, outcome }),
  onFetch: (outcome) =>
    fetches.inc({ outcome: typeof outcome === "number" ? `${Math.floor(outcome / 100)}xx` : outcome }),
});

export const timeJobs =
  ({ jobSeconds }: Metrics): JobObserver =>
  (change, job) => {
    const { task, started, created, finished } = job;
    if (change !== "ended" || finished === null) return;
    const seconds = Math.max(0, finished - (started ?? created));
    jobSeconds.of({ task, outcome: outcomeOf(job) ?? "INTERNAL" }).observe(seconds);
  };

/** Counts refreshes of registries by their events. */
export const countRefreshes =
  ({ refreshes }: Metrics): EventObserver =>
  (event) => {
    if (event.kind !== "registry" || event.outcome === undefined) return;
    refreshes.inc({ outcome: event.outcome });
  };
