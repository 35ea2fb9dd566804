import { type Batch, HitagiError, LAST_EPOCH, toNamespace } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import { isDelayed, isPausing } from "../../jobs/delayed.ts";
import type { Services } from "../../services.ts";
import type { JobRecord } from "../../store/types.ts";
import { notBegun } from "../../tasks/not-begun.ts";
import { taskCodecs } from "../../tasks/task-args.ts";
import { actorOf } from "../request.ts";
import { disconnectSignal, handle, type RequestInput } from "../route.ts";

const { name: TASK, decode } = taskCodecs.runBatch;

/** Jobs that are read from the store at once. */
const PAGE = 200;

const isRunning = ({ state }: JobRecord): boolean => state === "active" || state === "inactive";

/** Why a batch as a whole failed; null if it did not. */
const errorOf = ({ error, result }: JobRecord): string | null => {
  const { error: told } = (result ?? {}) as { error?: unknown };
  return error ?? (typeof told === "string" ? told : null);
};

/** What the calls about batches read. */
const createBatchReader = ({ jobs, plugins }: Pick<Services, "jobs" | "plugins">) => {
  const summaryOf = async (job: JobRecord): Promise<Batch> => {
    const now = Date.now() / 1000;
    const { plugin, bySource = false, tagRules = false } = decode(job.args) ?? {};
    const paused = isDelayed(job, now);
    const until = Math.ceil(job.delayed ?? 0);
    const counts = await plugins.batches.counts(job.id);
    return {
      job: job.id,
      plugin: plugin ? toNamespace(plugin) : null,
      by_source: bySource,
      tag_rules: tagRules,
      state: job.state,
      created: job.created,
      finished: job.finished,
      error: errorOf(job),
      counts,
      not_begun: notBegun(job, counts),
      pauses: isRunning(job) ? plugins.batches.pauses(job.checkpoint) : [],
      paused,
      pausing: isPausing(job, now),
      resumes: paused && until < LAST_EPOCH ? until : null,
    };
  };

  return {
    summaryOf,
    /** @throws HitagiError JOB_NOT_FOUND, BATCH_NOT_FOUND */
    get: async (id: number): Promise<JobRecord> => {
      const job = await jobs.get(id);
      if (job.task !== TASK) throw new HitagiError("BATCH_NOT_FOUND", { id });
      return job;
    },
    /** The newest batches. */
    newest: async (size: number): Promise<JobRecord[]> => {
      const found: JobRecord[] = [];
      for (let page = 1; found.length < size; page++) {
        const { items } = await jobs.list(undefined, page, PAGE);
        found.push(...items.filter(({ task }) => task === TASK));
        if (items.length < PAGE) break;
      }
      return found.slice(0, size);
    },
  };
};

/** The ids of the archives that a search finds. @throws HitagiError SEARCH_EMPTY */
const idsOf = async (
  library: Services["library"],
  { missing, ...selection }: NonNullable<RequestInput<"startBatch">["body"]["search"]>,
): Promise<string[]> => {
  const among = missing ? await library.missing() : undefined;
  const found = await library.ids({ ...selection, among });
  if (found.length === 0) throw new HitagiError("SEARCH_EMPTY");
  return found;
};

/** @throws HitagiError BATCH_RUNNING */
const assertEnded = (job: JobRecord): void => {
  if (isRunning(job)) throw new HitagiError("BATCH_RUNNING", { id: job.id });
};

/** @throws HitagiError VALIDATION_FAILED */
const assertOneOf = ({ ids, all }: { ids?: string[] | undefined; all?: true | undefined }): void => {
  if ((ids === undefined) === (all === undefined))
    throw new HitagiError("VALIDATION_FAILED", { reason: "either ids or all must be given" });
};

/** The tag rules, applied to the tags that archives have: a batch without plugins. */
const tagRulesRoutes = (app: FastifyInstance, { plugins, policy, enqueue }: Services): void => {
  handle(app, "previewTagRules", async ({ body: { ids, all, size = 50 } }) => {
    assertOneOf({ ids, all });
    return { preview: await plugins.batches.previewTagRules(ids, size) };
  });
  handle(app, "applyTagRules", async ({ body: { ids, all } }, { request }) => {
    assertOneOf({ ids, all });
    if ((await policy.tagRewriter()) === undefined) throw new HitagiError("TAG_RULES_UNUSED");
    const none = { plugin: undefined, arg: undefined, bySource: undefined };
    const job = await enqueue.runBatch(
      { ...none, archives: ids, tagRules: true },
      { actor: actorOf(request) },
    );
    return { job };
  });
};

/** Batches: jobs that run plugins over many archives. */
export const batchRoutes = (app: FastifyInstance, services: Services): void => {
  const { jobs, plugins, library, enqueue } = services;
  const { batches } = plugins;
  tagRulesRoutes(app, services);
  const reader = createBatchReader({ jobs, plugins });

  /** @throws HitagiError VALIDATION_FAILED, SEARCH_EMPTY */
  const workOf = async (body: RequestInput<"startBatch">["body"]) => {
    const { plugin, by_source: bySource, ids, search, all, arg } = body;
    if ([ids, search, all].filter((one) => one !== undefined).length !== 1) {
      throw new HitagiError("VALIDATION_FAILED", { reason: "one of ids, search and all must be given" });
    }
    const archives = search ? await idsOf(library, search) : ids;
    return { plugin: plugin && toNamespace(plugin), archives, arg, bySource };
  };

  handle(app, "startBatch", async ({ body }, { request }) => {
    const work = await workOf(body);
    batches.check(work);
    return { job: await enqueue.runBatch({ ...work, tagRules: undefined }, { actor: actorOf(request) }) };
  });
  handle(app, "previewBatch", async ({ body: { size = 10, ...body } }, { request, reply }) => {
    const options = { actor: actorOf(request), signal: disconnectSignal(reply) };
    return { preview: await batches.preview(await workOf(body), size, options) };
  });
  handle(app, "listBatches", async ({ query: { size = 20 } }) => ({
    batches: await Promise.all((await reader.newest(size)).map(reader.summaryOf)),
  }));
  handle(app, "getBatch", async ({ params: { job: id }, query: { outcome, page = 1, size = 50 } }) => {
    const batch = await reader.summaryOf(await reader.get(id));
    const { groups: failures } = await batches.failures(id);
    return { batch, failures, ...(await batches.report(id, outcome, page, size)) };
  });
  handle(app, "retryBatch", async ({ params: { job: id } }, { request }) => {
    const job = await reader.get(id);
    assertEnded(job);
    const { archives } = await batches.failures(id);
    const args = decode(job.args);
    if (!args || archives.length === 0) throw new HitagiError("BATCH_NOTHING_FAILED", { id });
    batches.check({ ...args, plugin: args.plugin && toNamespace(args.plugin), archives });
    const retried = await enqueue.runBatch({ ...args, archives }, { actor: actorOf(request) });
    return { job: retried, archives: archives.length };
  });
  handle(app, "pauseBatch", async ({ params: { job: id } }) => {
    await reader.get(id);
    if (!(await jobs.pause(id))) throw new HitagiError("BATCH_ENDED", { id });
    return { job: id };
  });
  handle(app, "resumeBatch", async ({ params: { job: id } }) => {
    await reader.get(id);
    if (!(await jobs.resume(id, []))) throw new HitagiError("BATCH_NOT_PAUSED", { id });
    return { job: id };
  });
  handle(app, "undoBatch", async ({ params: { job: id } }, { request }) => {
    assertEnded(await reader.get(id));
    return { job: await enqueue.undoBatch({ batch: id }, { actor: actorOf(request) }) };
  });
};
