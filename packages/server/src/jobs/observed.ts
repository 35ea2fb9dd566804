import type { JobRecord, JobStore } from "../store/types.ts";
import { unchanged, wrapMethods } from "../wrap-methods.ts";

/** What happened to a job. An interrupted job that is to run again is `queued` again. */
export type JobChange = "queued" | "started" | "progress" | "ended";

/** Called with every change of a job once it is stored. It must not throw or take long. */
export type JobObserver = (change: JobChange, job: JobRecord) => void;

const changeOf = ({ state }: Parameters<JobStore["update"]>[1]): JobChange => {
  if (state === "active") return "started";
  if (state === "inactive") return "queued";
  return state === undefined ? "progress" : "ended";
};

/** A store of jobs that calls observers with each change. */
export const observeJobs = (store: JobStore, observers: readonly JobObserver[]): JobStore => {
  const notify = (change: JobChange, job: JobRecord): void => {
    for (const observe of observers) observe(change, job);
  };
  return wrapMethods(store, {
    create: (create) => async (job, now) => {
      const created = await create(job, now);
      notify("queued", created);
      return created;
    },
    createOnce: (createOnce) => async (job, once, now) => {
      const created = await createOnce(job, once, now);
      if (created.isNew) notify("queued", created.job);
      return created;
    },
    update: (update) => async (id, patch, claim) => {
      const updated = await update(id, patch, claim);
      if (updated) notify(changeOf(patch), updated);
      return updated;
    },
    ...unchanged("get", "list", "inStates", "prune"),
  });
};
