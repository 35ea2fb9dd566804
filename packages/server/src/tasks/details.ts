import type { ArchiveChange, HistoryDetails } from "@hitagi/contract";
import type { JobRecord } from "../store/types.ts";
import { taskCodecs } from "./task-args.ts";

type Job = Pick<JobRecord, "task" | "args" | "result">;

/** A plugin that was installed or upgraded with another one. */
interface RequiredPlugin {
  namespace: string;
  version: string;
  from?: string | null;
}

/** A job's data, by the fields that a history needs; anything may be missing. */
interface ResultData {
  namespace?: string;
  version?: string;
  from?: string | null;
  required?: RequiredPlugin[];
  plugins?: { namespace: string; from?: string | null; to?: string | null; required?: RequiredPlugin[] }[];
}

const dataOf = ({ result }: Job): ResultData => {
  const { data } = (result ?? {}) as { data?: ResultData };
  return data ?? {};
};

/** What the job changed in its archive. */
const changeOf = ({ result }: Job): Pick<HistoryDetails, "change"> => {
  const { change } = (result ?? {}) as { change?: ArchiveChange };
  return change ? { change } : {};
};

/** The counts that are not 0. */
export const countsOf = (data: object): HistoryDetails | undefined => {
  const counts = Object.entries(data).filter(([, count]) => Number.isInteger(count) && count > 0);
  return counts.length > 0 ? { counts: Object.fromEntries(counts) } : undefined;
};

/** A plugin that a job changed. */
const changedPlugin = ({ namespace, from, to }: NonNullable<ResultData["plugins"]>[number]) => ({
  namespace,
  ...(from !== undefined && { from }),
  ...(typeof to === "string" && { to }),
});

const changedRequired = ({ version: to, ...one }: RequiredPlugin) => changedPlugin({ ...one, to });

/** The plugins that an upgrade or a sync changed. */
const pluginsOf = (job: Job): HistoryDetails | undefined => {
  const all = dataOf(job).plugins ?? [];
  const named = new Set(all.map(({ namespace }) => namespace));
  const required = all.flatMap((one) => one.required ?? []).filter((one) => !named.has(one.namespace));
  const plugins = [...all.map(changedPlugin), ...required.map(changedRequired)];
  return plugins.length > 0 ? { plugins } : undefined;
};

const byTask: Record<string, (job: Job) => HistoryDetails | undefined> = {
  [taskCodecs.installPlugin.name]: (job) => {
    const { namespace, version, from, required = [] } = dataOf(job);
    if (namespace === undefined || version === undefined) return undefined;
    const changed = [{ namespace, version, ...(from !== undefined && { from }) }, ...required];
    return { plugins: changed.map(changedRequired) };
  },
  [taskCodecs.upgradePlugins.name]: pluginsOf,
  [taskCodecs.syncSet.name]: pluginsOf,
  [taskCodecs.runPlugin.name]: (job) => {
    const id = taskCodecs.runPlugin.decode(job.args)?.archive;
    return id ? { archive: { id }, ...changeOf(job) } : undefined;
  },
  [taskCodecs.runEnabledPlugins.name]: (job) => {
    const names = (dataOf(job).plugins ?? []).map(({ namespace }) => ({ namespace }));
    return names.length > 0 ? { plugins: names, ...changeOf(job) } : undefined;
  },
  [taskCodecs.runBatch.name]: (job) => countsOf(dataOf(job)),
  [taskCodecs.undoBatch.name]: (job) => countsOf(dataOf(job)),
};

/** What is known of a job beside its subject: versions, counts, the archive. Nothing in it may be a secret. */
export const detailsOfJob = (job: Job): HistoryDetails | undefined =>
  Object.hasOwn(byTask, job.task) ? byTask[job.task]?.(job) : undefined;
