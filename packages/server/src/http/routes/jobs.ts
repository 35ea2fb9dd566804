import { HitagiError, includesScope, type JobDetail } from "@hitagi/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { detailOf, statusOf } from "../../jobs/wire.ts";
import type { Services } from "../../services.ts";
import type { JobRecord } from "../../store/types.ts";
import { hideSecrets } from "../../tasks/task-args.ts";
import { actorOf } from "../request.ts";
import { handle } from "../route.ts";

/** A job as the holder of the request's key may see it: only keys that may do everything see its one-shot argument or address. */
const shownTo = ({ holder }: FastifyRequest, job: JobRecord): JobDetail => {
  const detail = detailOf(job, Date.now() / 1000);
  if (holder && includesScope(holder.scope, "manage")) return detail;
  return hideSecrets(detail, job);
};

/** Background jobs. */
export const jobRoutes = (app: FastifyInstance, { jobs }: Services): void => {
  handle(app, "getJob", async ({ params }) => statusOf(await jobs.get(params.job)));
  handle(app, "getJobDetail", async ({ params }, { request }) =>
    shownTo(request, await jobs.get(params.job)),
  );
  handle(app, "listJobs", async ({ query: { state, page = 1, size = 50 } }, { request }) => {
    const { total, items } = await jobs.list(state, page, size);
    return { total, page, size, items: items.map((job) => shownTo(request, job)) };
  });
  handle(app, "retryJob", async ({ params }, { request }) => {
    const { task, args, state } = await jobs.get(params.job);
    if (state === "active" || state === "inactive")
      throw new HitagiError("JOB_NOT_ENDED", { id: params.job });
    return { job: await jobs.enqueue(task, args, { actor: actorOf(request) }) };
  });
  handle(app, "cancelJob", async ({ params: { job } }) => {
    const cancelled = await jobs.cancel(job);
    return { cancelled, successMessage: `Job ${job} ${cancelled ? "was cancelled" : "had already ended"}.` };
  });
};
