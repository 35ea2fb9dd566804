import { Type } from "typebox";
import { JobDetail, JobState, JobStatus } from "../jobs.ts";
import { described } from "../scalars.ts";
import { answer, paged, pageQuery, queuedJob, routes } from "./route.ts";

const job = Type.Object({
  job: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: "The number of the job." }),
});

export const jobRoutes = routes({
  getJob: {
    method: "GET",
    path: "/api/minion/:job",
    operation: "minion_job_status",
    summary: "The state of a job",
    tag: "jobs",
    open: true,
    params: job,
    query: Type.Object({
      token: Type.Optional(
        Type.String({
          maxLength: 128,
          description: "The job's token, from the answer of the call that queued it.",
        }),
      ),
    }),
    response: JobStatus,
  },
  getJobDetail: {
    method: "GET",
    path: "/api/minion/:job/detail",
    operation: "minion_job_detail",
    summary: "A job with its result",
    tag: "jobs",
    scope: "read",
    params: job,
    response: JobDetail,
  },
  listJobs: {
    method: "GET",
    path: "/api/minion",
    operation: "list_jobs",
    summary: "Jobs, newest first",
    tag: "jobs",
    scope: "read",
    query: Type.Object({
      state: Type.Optional(described("Only jobs in this state.", JobState)),
      ...pageQuery,
    }),
    response: answer("list_jobs", paged(JobDetail)),
  },
  retryJob: {
    method: "POST",
    path: "/api/minion/:job/retry",
    operation: "retry_job",
    summary: "Queue a job that has ended once more, with the same arguments, as a new job",
    tag: "jobs",
    scope: "manage",
    params: job,
    response: answer("retry_job", queuedJob),
  },
  cancelJob: {
    method: "DELETE",
    path: "/api/minion/:job",
    operation: "cancel_job",
    summary: "Cancel a job that has not ended",
    tag: "jobs",
    scope: "use",
    params: job,
    response: answer("cancel_job", {
      successMessage: Type.String(),
      /** False for a job that had already ended. */
      cancelled: Type.Boolean(),
    }),
  },
});
