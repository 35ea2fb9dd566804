import type { JobRecord, JobStore } from "../store/types.ts";

/** What happens to a job. One that was cut off and is to run again is `queued` again. */
export type JobChange = "queued" | "started" | "progress" | "ended";

/** Told of every change of a job after it was stored. It must not throw or take long. */
export type JobObserver = (change: JobChange, job: JobRecord) => void;

const changeOf = ({ state }: Parameters<JobStore["update"]>[1]): JobChange => {
  if (state === "active") return "started";
  if (state === "inactive") return "queued";
  return state === undefined ? "progress" : "ended";
};

/** A store of jobs that tells of each change. Every driver of jobs writes through one, so this sees all of them. */
export const observeJobs = (store: JobStore, observers: readonly JobObserver[]): JobStore => {
  const tell = (change: JobChange, job: JobRecord): void => {
    for (const observe of observers) observe(change, job);
  };
  return {
    ...store,
    create: async (...given) => {
      const job = await store.create(...given);
      tell("queued", job);
      return job;
    },
    update: async (id, patch, ...given) => {
      const job = await store.update(id, patch, ...given);
      if (job) tell(changeOf(patch), job);
      return job;
    },
  };
};
