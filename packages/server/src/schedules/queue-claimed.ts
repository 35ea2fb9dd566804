import type { Documents } from "../documents/documents.ts";
import { type StoredSchedules, schedulesDocument } from "./document.ts";
import { isUnderWay, noteJobs } from "./runs.ts";
import { queueWork, type WorkQueue } from "./work.ts";

export interface QueueClaimedDeps {
  documents: Pick<Documents, "change">;
  queue: WorkQueue;
}

/**
 * Queues the claimed runs that have no job yet, and notes their jobs. A node that dies in between leaves the claim, and any node
 * repeats this: the queue takes one job for each key.
 * @returns the jobs by the keys of their runs
 * @throws HitagiError STOPPING
 */
export const queueClaimed = async (
  { documents, queue }: QueueClaimedDeps,
  claimed: StoredSchedules,
): Promise<ReadonlyMap<string, number>> => {
  const jobs = new Map<string, number>();
  for (const { id, work, last } of claimed.schedules) {
    if (!isUnderWay(last) || last.job !== null) continue;
    const options = { actor: last.actor, once: last.key, notes: { schedule: String(id) } };
    jobs.set(last.key, await queueWork(queue, work, options));
  }
  if (jobs.size > 0) await documents.change(schedulesDocument, ({ value }) => noteJobs(value, jobs));
  return jobs;
};
