import { type Actor, SERVER_ACTOR } from "@hitagi/contract";
import type { Catalog } from "../catalog/types.ts";
import type { EventObserver } from "../events/types.ts";
import type { JobObserver } from "../jobs/observed.ts";
import { outcomeOf } from "../jobs/outcome.ts";
import type { BatchStore } from "../store/types.ts";
import { countsOf, detailsOfJob } from "../tasks/details.ts";
import { notBegun } from "../tasks/not-begun.ts";
import { subjectOfJob } from "../tasks/subjects.ts";
import { taskCodecs } from "../tasks/task-args.ts";
import type { History } from "./types.ts";

const countedTasks: ReadonlySet<string> = new Set([taskCodecs.runBatch.name, taskCodecs.undoBatch.name]);

/** Records the end of each job, with the actor who queued it. */
export const recordJobs =
  (history: Pick<History, "record">, batches: Pick<BatchStore, "counts">): JobObserver =>
  (change, job) => {
    if (change !== "ended") return;
    const { created, started, finished } = job;
    const time = started ?? created;
    const details = detailsOfJob(job);
    // A batch that was cancelled has no counts in its result, and neither has an undo.
    const isUncounted = countedTasks.has(job.task) && details === undefined;
    const readCounts = async () => {
      const undone =
        job.task === taskCodecs.undoBatch.name ? taskCodecs.undoBatch.decode(job.args) : undefined;
      const counts = await batches.counts(undone?.batch ?? job.id);
      return countsOf({ ...counts, not_begun: undone ? 0 : (notBegun(job, counts) ?? 0) });
    };
    const entry = {
      time,
      actor: job.actor,
      action: job.task,
      subject: subjectOfJob(job),
      outcome: outcomeOf(job) ?? "INTERNAL",
      ms: Math.max(0, Math.round(((finished ?? time) - time) * 1000)),
      job: job.id,
      ...(details && { details }),
    };
    history.record(entry, isUncounted ? readCounts : undefined);
  };

/** Records each refresh with its actor, registry and outcome. */
export const trackRefreshes = (
  catalog: Pick<Catalog, "refresh">,
  history: Pick<History, "track">,
  actor: Actor,
): Pick<Catalog, "refresh"> => ({
  refresh: (id, signal, options) =>
    history.track({ actor, action: "refresh_registry", subject: { kind: "registry", id } }, () =>
      catalog.refresh(id, signal, options),
    ),
});

/** Records quarantines, which the server decides itself, from their events. */
export const recordQuarantines =
  (history: Pick<History, "record">, now: () => number = () => Date.now() / 1000): EventObserver =>
  (event) => {
    if (event.kind !== "plugin" || event.action !== "quarantined") return;
    const subject = { kind: "plugin", id: event.namespace } as const;
    const action = { actor: SERVER_ACTOR, action: "quarantine_plugin", subject };
    history.record({ ...action, time: now(), outcome: "ok", ms: 0, job: null });
  };
