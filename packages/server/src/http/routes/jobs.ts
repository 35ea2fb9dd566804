import { HitagiError, includesScope, type JobDetail, toNamespace } from "@hitagi/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { detailOf, statusOf } from "../../jobs/wire.ts";
import type { Services } from "../../services.ts";
import type { JobRecord } from "../../store/types.ts";
import { hideSecrets, taskCodecs } from "../../tasks/task-args.ts";
import { actorOf } from "../request.ts";
import { handle } from "../route.ts";

/** A job as the holder of the request's key may see it: only keys that may do everything see its one-shot argument or address. */
const shownTo = ({ holder }: FastifyRequest, job: JobRecord): JobDetail => {
  const detail = detailOf(job, Date.now() / 1000);
  if (holder && includesScope(holder.scope, "manage")) return detail;
  return hideSecrets(detail, job);
};

/** Background jobs, and batches: jobs that run a plugin over many archives. */
export const jobRoutes = (app: FastifyInstance, { jobs, plugins, enqueue }: Services): void => {
  handle(app, "getJob", async ({ params }) => statusOf(await jobs.get(params.job)));
  handle(app, "getJobDetail", async ({ params }, { request }) =>
    shownTo(request, await jobs.get(params.job)),
  );
  handle(app, "listJobs", async ({ query: { state, page = 1, size = 50 } }, { request }) => {
    const { total, items } = await jobs.list(state, page, size);
    return { total, page, size, items: items.map((job) => shownTo(request, job)) };
  });
  handle(app, "cancelJob", async ({ params }) => ({
    successMessage: (await jobs.cancel(params.job))
      ? `Job ${params.job} was cancelled.`
      : `Job ${params.job} had already ended.`,
  }));

  /** @throws HitagiError JOB_NOT_FOUND, BATCH_NOT_FOUND */
  const getBatch = async (id: number) => {
    const job = await jobs.get(id);
    if (job.task !== taskCodecs.runBatch.name) throw new HitagiError("BATCH_NOT_FOUND", { id });
    return job;
  };

  handle(app, "startBatch", async ({ body: { plugin, by_source, ids, all, arg } }, { request }) => {
    if ((ids === undefined) === (all === undefined)) {
      throw new HitagiError("VALIDATION_FAILED", { reason: "either ids or all must be given" });
    }
    if (by_source && (plugin !== undefined || arg !== undefined)) {
      throw new HitagiError("VALIDATION_FAILED", { reason: "by_source chooses the plugin and its argument" });
    }
    plugins.batches.check({ plugin: plugin && toNamespace(plugin), archives: ids });
    const args = { plugin, archives: ids, arg, bySource: by_source };
    return { job: await enqueue.runBatch(args, { actor: actorOf(request) }) };
  });
  handle(app, "getBatch", async ({ params, query: { outcome, page = 1, size = 50 } }) => {
    await getBatch(params.job);
    return plugins.batches.report(params.job, outcome, page, size);
  });
  handle(app, "undoBatch", async ({ params }, { request }) => {
    const { id, state } = await getBatch(params.job);
    if (state === "active" || state === "inactive") throw new HitagiError("BATCH_RUNNING", { id });
    return { job: await enqueue.undoBatch({ batch: id }, { actor: actorOf(request) }) };
  });
};
