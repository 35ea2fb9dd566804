import type { Actor } from "@hitagi/contract";
import type { EnqueueOptions, Jobs } from "../jobs/types.ts";
import type { Plugins } from "../plugins/types.ts";
import { type TaskCodec, taskCodecs } from "./task-args.ts";

export interface EnqueueDeps {
  plugins: Pick<Plugins, "anyEnabled">;
  jobs: Pick<Jobs, "enqueue">;
  /** Whether this server runs the enabled plugins on new archives; true by default. */
  runsNewArchives?: boolean;
}

/** Queues each task with its own arguments. @returns the job's id */
const enqueueEach = (jobs: EnqueueDeps["jobs"]) => {
  const enqueue =
    <A>({ name, encode }: TaskCodec<A>) =>
    (args: A, options?: EnqueueOptions): Promise<number> =>
      jobs.enqueue(name, encode(args), options);
  return {
    installPlugin: enqueue(taskCodecs.installPlugin),
    runPlugin: enqueue(taskCodecs.runPlugin),
    downloadUrl: enqueue(taskCodecs.downloadUrl),
    upgradePlugins: enqueue(taskCodecs.upgradePlugins),
    refreshRegistries: enqueue(taskCodecs.refreshRegistries),
    sendNotification: enqueue(taskCodecs.sendNotification),
    runEnabledPlugins: enqueue(taskCodecs.runEnabledPlugins),
    runBatch: enqueue(taskCodecs.runBatch),
    undoBatch: enqueue(taskCodecs.undoBatch),
    syncSet: enqueue(taskCodecs.syncSet),
  };
};

/** Queues work. All throw HitagiError STOPPING. */
export interface Enqueue extends ReturnType<typeof enqueueEach> {
  /** Queues the enabled metadata plugins for a new archive. @returns null where no plugin is enabled, or another program runs them */
  forNewArchive(archive: string, actor?: Actor): Promise<number | null>;
  /** The same for any number of archives: several are one batch, which can be undone. */
  forNewArchives(archives: string[]): Promise<void>;
}

export const createEnqueue = ({ plugins, jobs, runsNewArchives = true }: EnqueueDeps): Enqueue => {
  const each = enqueueEach(jobs);
  const isNeeded = () => runsNewArchives && plugins.anyEnabled();
  const forNewArchive: Enqueue["forNewArchive"] = async (archive, actor) =>
    isNeeded() ? each.runEnabledPlugins({ archive }, { actor }) : null;
  return {
    ...each,
    forNewArchive,
    forNewArchives: async (archives) => {
      const [first, ...others] = archives;
      if (first === undefined || !isNeeded()) return;
      if (others.length === 0) await forNewArchive(first);
      else {
        const none = { plugin: undefined, arg: undefined, bySource: undefined, tagRules: undefined };
        await each.runBatch({ ...none, archives });
      }
    },
  };
};
