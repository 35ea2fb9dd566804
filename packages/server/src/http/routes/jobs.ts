import type { FastifyInstance } from "fastify";
import { detailOf, statusOf } from "../../jobs/wire.ts";
import type { Services } from "../../services.ts";
import { handle } from "../route.ts";

const now = (): number => Date.now() / 1000;

/** Background jobs. */
export const jobRoutes = (app: FastifyInstance, { jobs }: Services): void => {
  handle(app, "getJob", async ({ params }) => statusOf(await jobs.get(params.job)));
  handle(app, "getJobDetail", async ({ params }) => detailOf(await jobs.get(params.job), now()));
  handle(app, "listJobs", async ({ query: { state, page = 1, size = 50 } }) => {
    const { total, items } = await jobs.list(state, page, size);
    return { total, page, size, items: items.map((job) => detailOf(job, now())) };
  });
  handle(app, "cancelJob", async ({ params }) => ({
    successMessage: (await jobs.cancel(params.job))
      ? `Job ${params.job} was cancelled.`
      : `Job ${params.job} had already ended.`,
  }));
};
