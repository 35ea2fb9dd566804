import type { JobDetail } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Services } from "../services.ts";
import type { JobRecord } from "../store/types.ts";
import { handle } from "./route.ts";

/** Epoch seconds as text, because LANraragi's clients refuse numbers here. */
const epochText = (seconds: number): string => String(seconds);
const orNull = (seconds: number | null): string | null => (seconds === null ? null : epochText(seconds));

/** A job in Minion's form. What Hitagi has no use for has the value of a job that does not use it. */
export const detailOf = (job: JobRecord, now: number = Date.now() / 1000): JobDetail => ({
  id: job.id,
  args: job.args,
  attempts: job.attempts,
  children: [],
  created: epochText(job.created),
  delayed: epochText(job.created),
  error: job.error,
  expires: null,
  finished: orNull(job.finished),
  lax: 0,
  notes: job.notes,
  parents: [],
  priority: job.priority,
  queue: "default",
  result: job.result ?? null,
  retried: null,
  retries: job.retries,
  started: orNull(job.started),
  state: job.state,
  task: job.task,
  time: epochText(now),
  worker: job.state === "active" ? 1 : null,
});

const notesOf = (job: JobRecord) => (Object.keys(job.notes).length === 0 ? null : job.notes);

/** Work that runs after its call was answered. */
export const jobRoutes = (app: FastifyInstance, { jobs }: Services): void => {
  handle(app, "getJob", async ({ params }) => {
    const job = await jobs.get(params.job);
    return { task: job.task, state: job.state, notes: notesOf(job), error: job.error };
  });
  handle(app, "getJobDetail", async ({ params }) => detailOf(await jobs.get(params.job)));
  handle(app, "listJobs", async ({ query: { state, page = 1, size = 50 } }) => {
    const { total, items } = await jobs.list(state, page, size);
    return { total, page, size, items: items.map((job) => detailOf(job)) };
  });
  handle(app, "cancelJob", async ({ params }) => ({
    successMessage: (await jobs.cancel(params.job))
      ? `Job ${params.job} was cancelled.`
      : `Job ${params.job} had already ended.`,
  }));
};
