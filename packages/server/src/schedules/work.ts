import { HitagiError, isHitagiError, type Schedule, type ScheduledWork, toNamespace } from "@hitagi/contract";
import type { EnqueueOptions } from "../jobs/types.ts";
import type { Library } from "../library/types.ts";
import type { Plugins } from "../plugins/types.ts";

/** Queues the tasks that a schedule can start; see `tasks/enqueue.ts`. All answer the job, and throw HitagiError STOPPING. */
export interface WorkQueue {
  runPlugin(
    args: { namespace: string; archive: string | undefined; arg: string | undefined },
    options: EnqueueOptions,
  ): Promise<number>;
  runBatch(
    args: {
      plugin: string | undefined;
      archives: string[] | undefined;
      arg: string | undefined;
      bySource: boolean | undefined;
      tagRules: undefined;
    },
    options: EnqueueOptions,
  ): Promise<number>;
  refreshRegistries(args: Record<never, never>, options: EnqueueOptions): Promise<number>;
  upgradePlugins(
    args: { namespaces: string[] | undefined; grant: boolean; automatic: boolean; shown: undefined },
    options: EnqueueOptions,
  ): Promise<number>;
}

/** Queues the ordinary task of a schedule's work. @returns the job */
export const queueWork = (
  queue: WorkQueue,
  work: ScheduledWork,
  options: EnqueueOptions,
): Promise<number> => {
  switch (work.kind) {
    case "run":
      return queue.runPlugin({ namespace: work.plugin, archive: work.archive, arg: work.arg }, options);
    case "batch":
      return queue.runBatch(
        {
          plugin: work.plugin,
          archives: work.ids,
          arg: work.arg,
          bySource: work.by_source,
          tagRules: undefined,
        },
        options,
      );
    case "refresh":
      return queue.refreshRegistries({}, options);
    case "upgrade":
      return queue.upgradePlugins(
        { namespaces: work.plugins, grant: false, automatic: true, shown: undefined },
        options,
      );
  }
};

/** What tells whether work can run. */
export interface WorkChecks {
  plugins: Pick<Plugins, "record"> & { batches: Pick<Plugins["batches"], "check"> };
  library: Pick<Library, "get">;
}

/**
 * Checks that the plugins of the work are there, and that it can run.
 * @throws HitagiError PLUGIN_NOT_FOUND, PLUGIN_NOT_INSTALLED, PLUGIN_NOT_METADATA, NOTHING_ENABLED, SCHEDULE_NEEDS_ARCHIVE,
 * SCHEDULE_NEEDS_ADDRESS, VALIDATION_FAILED
 */
export const checkWork = async (
  { plugins: { batches, record } }: Pick<WorkChecks, "plugins">,
  work: ScheduledWork,
): Promise<void> => {
  if (work.kind === "run") {
    const { namespace, type } = await record(toNamespace(work.plugin));
    if (type === "metadata" && !work.archive) throw new HitagiError("SCHEDULE_NEEDS_ARCHIVE", { namespace });
    if (type === "download" && !work.arg) throw new HitagiError("SCHEDULE_NEEDS_ADDRESS", { namespace });
  }
  if (work.kind === "batch") {
    const { plugin, ids: archives, by_source: bySource, arg } = work;
    batches.check({ plugin: plugin && toNamespace(plugin), archives, bySource, arg });
  }
  if (work.kind === "upgrade") for (const plugin of work.plugins ?? []) await record(toNamespace(plugin));
};

const archivesOf = (work: ScheduledWork): readonly string[] => {
  if (work.kind === "batch") return work.ids ?? [];
  return work.kind === "run" && work.archive !== undefined ? [work.archive] : [];
};

/** Checks that one of these archives at least is in the library. @throws HitagiError ARCHIVE_NOT_FOUND, of the first one */
const checkArchives = async (library: Pick<Library, "get">, ids: readonly string[]): Promise<void> => {
  let missing: unknown;
  for (const id of ids) {
    try {
      await library.get(id);
      return;
    } catch (error) {
      if (!isHitagiError(error, "ARCHIVE_NOT_FOUND")) throw error;
      missing ??= error;
    }
  }
  if (missing !== undefined) throw missing;
};

/** Why work that was accepted cannot run now: what it names may be gone or changed since. */
export const problemOf = async (checks: WorkChecks, work: ScheduledWork): Promise<Schedule["problem"]> => {
  try {
    await checkWork(checks, work);
    await checkArchives(checks.library, archivesOf(work));
    return null;
  } catch (error) {
    if (!isHitagiError(error)) throw error;
    const { code, message, hint } = error;
    return { code, message, hint };
  }
};

const list = (names: readonly string[]): string =>
  names.length > 3 ? `${names.length} plugins` : names.join(", ");

/** The work in words, such as `batch comic-info over all archives`, without its argument, which may be a secret. */
export const workTitle = (work: ScheduledWork): string => {
  switch (work.kind) {
    case "run":
      return `run ${work.plugin}${work.archive === undefined ? "" : ` on ${work.archive.slice(0, 8)}`}`;
    case "batch": {
      const count = work.ids?.length;
      const archives =
        count === undefined ? "all archives" : count === 1 ? "one archive" : `${count} archives`;
      const plugin = work.plugin ?? (work.by_source ? "by source" : "of the enabled plugins");
      return `batch ${plugin} over ${archives}`;
    }
    case "refresh":
      return "refresh all registries";
    case "upgrade":
      return `upgrade ${work.plugins === undefined ? "all plugins" : list(work.plugins)}`;
  }
};
