import type { Actor } from "@hitagi/contract";
import type { Logger } from "pino";
import type { Catalog, RefreshAll } from "../catalog/types.ts";
import { epochSeconds } from "../clock.ts";
import type { Cluster } from "../cluster/types.ts";
import type { Config } from "../config/config.ts";
import { newArchivesBy } from "../config/new-archives.ts";
import type { Documents } from "../documents/documents.ts";
import { announceJobs } from "../events/announce.ts";
import { recordJobs } from "../history/record.ts";
import type { Installer } from "../install/types.ts";
import { createJobs } from "../jobs/jobs.ts";
import { type JobObserver, observeJobs } from "../jobs/observed.ts";
import type { Library } from "../library/types.ts";
import type { Lockfiles } from "../lockfile/types.ts";
import { timeJobs } from "../metrics/observers.ts";
import type { Deliver } from "../notifications/deliver.ts";
import type { ActivePlugins, Plugins } from "../plugins/types.ts";
import { createEnqueue } from "../tasks/enqueue.ts";
import { defineTasks } from "../tasks/tasks.ts";
import { createAutomaticUpdates } from "../updates/automatic-updates.ts";
import type { Observation } from "./compose-observation.ts";
import { composeSchedules } from "./compose-schedules.ts";

/** What jobs work with. */
export interface WorkParts {
  documents: Documents;
  active: ActivePlugins;
  catalog: Catalog;
  refreshAll: (actor: Actor) => RefreshAll;
  plugins: Plugins;
  installer: Installer;
  library: Library;
  cluster: Cluster;
  /** Told of each change of a job. */
  onJob: JobObserver;
  deliver: Deliver;
  lockfiles: Lockfiles;
}

/** The queue with its tasks, and what queues by itself: schedules and automatic updates. */
export const composeWork = (
  config: Config,
  log: Logger,
  { metrics, events, history, store }: Observation,
  { documents, active, catalog, refreshAll, plugins, installer, library, cluster, ...notified }: WorkParts,
) => {
  const { publish } = events;
  const observers = [
    announceJobs(publish),
    recordJobs(history, store.batches),
    timeJobs(metrics),
    notified.onJob,
  ];
  const jobs = createJobs({
    store: observeJobs(store.jobs, observers),
    claims: store.shared?.claims,
    concurrency: config.jobs,
    ensureFresh: cluster.ensureFresh,
    log,
  });
  const enqueue = createEnqueue({ plugins, jobs, runsNewArchives: newArchivesBy(config) === "here" });
  const { deliver, lockfiles } = notified;
  const { categories } = library;
  defineTasks({ jobs, installer, plugins, enqueue, categories, refreshAll, deliver, lockfiles });
  const automaticUpdates = createAutomaticUpdates({
    ...{ documents, catalog, active, installer, enqueue, log, now: epochSeconds },
  });
  const schedules = composeSchedules({ store, documents, enqueue, plugins, library, publish, log });
  return { jobs, enqueue, automaticUpdates, ...schedules };
};
