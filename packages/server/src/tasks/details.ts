import type { ArchiveChange, HistoryDetails } from "@hitagi/contract";
import type { JobRecord } from "../store/types.ts";
import { taskCodecs } from "./task-args.ts";

type Job = Pick<JobRecord, "task" | "args" | "result">;

/** A job's data, by the fields that a history needs; anything may be missing. */
interface ResultData {
  namespace?: string;
  version?: string;
  from?: string | null;
  plugins?: { namespace: string; from?: string; to?: string; change?: ArchiveChange }[];
}

const dataOf = ({ result }: Job): ResultData => {
  const { data } = (result ?? {}) as { data?: ResultData };
  return data ?? {};
};

const countsOf = (data: object): HistoryDetails | undefined => {
  const counts = Object.entries(data).filter(([, count]) => Number.isInteger(count) && count > 0);
  return counts.length > 0 ? { counts: Object.fromEntries(counts) } : undefined;
};

const byTask: Record<string, (job: Job) => HistoryDetails | undefined> = {
  [taskCodecs.installPlugin.name]: (job) => {
    const { namespace, version, from } = dataOf(job);
    if (namespace === undefined || version === undefined) return undefined;
    return { plugins: [{ namespace, ...(from !== undefined && { from }), to: version }] };
  },
  [taskCodecs.upgradePlugins.name]: (job) => {
    const plugins = (dataOf(job).plugins ?? []).map(({ namespace, from, to }) => ({
      namespace,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    }));
    return plugins.length > 0 ? { plugins } : undefined;
  },
  [taskCodecs.runPlugin.name]: ({ args, result }) => {
    const id = taskCodecs.runPlugin.decode(args)?.archive;
    const { change } = (result ?? {}) as { change?: ArchiveChange };
    return id ? { archive: { id }, ...(change && { change }) } : undefined;
  },
  [taskCodecs.runEnabledPlugins.name]: (job) => {
    const plugins = dataOf(job).plugins ?? [];
    const names = plugins.map(({ namespace }) => ({ namespace }));
    const changes = plugins.flatMap(({ change }) => change ?? []);
    const [first, last] = [changes.at(0), changes.at(-1)];
    const change = first && last && { change: { before: first.before, after: last.after } };
    return names.length > 0 ? { plugins: names, ...change } : undefined;
  },
  [taskCodecs.runBatch.name]: (job) => countsOf(dataOf(job)),
  [taskCodecs.undoBatch.name]: (job) => countsOf(dataOf(job)),
};

/** What is known of a job beside its subject: versions, counts, the archive. Nothing in it may be a secret. */
export const detailsOfJob = (job: Job): HistoryDetails | undefined =>
  Object.hasOwn(byTask, job.task) ? byTask[job.task]?.(job) : undefined;
