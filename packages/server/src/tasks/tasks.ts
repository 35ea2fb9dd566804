import {
  type Actor,
  type ArchiveChange,
  type BatchCounts,
  type BatchPause,
  batchOutcomes,
  isHitagiError,
  type RefreshOutcome,
  redact,
  type SyncPlan,
  toNamespace,
} from "@hitagi/contract";
import type { RefreshAll } from "../catalog/types.ts";
import { minuteText } from "../clock.ts";
import type { Installer, Upgraded } from "../install/types.ts";
import { Delayed } from "../jobs/delayed.ts";
import type { JobContext, JobResult, Jobs, PartsFailed } from "../jobs/types.ts";
import type { Library } from "../library/types.ts";
import type { Lockfiles, SyncRequest } from "../lockfile/types.ts";
import type { Deliver } from "../notifications/deliver.ts";
import type { Plugins } from "../plugins/types.ts";
import type { Enqueue } from "./enqueue.ts";
import { type TaskCodec, taskCodecs } from "./task-args.ts";

export interface TaskDeps {
  jobs: Pick<Jobs, "define">;
  installer: Pick<Installer, "install" | "upgrade">;
  plugins: Pick<Plugins, "apply" | "applyEnabled" | "download" | "batches">;
  enqueue: Pick<Enqueue, "forNewArchive">;
  categories: Pick<Library["categories"], "add">;
  refreshAll: (actor: Actor) => RefreshAll;
  deliver: Deliver;
  lockfiles: Pick<Lockfiles, "sync">;
}

const success = <T extends object>(data: unknown, extra?: T) => ({
  success: 1 as const,
  error: null,
  ...extra,
  data,
});

/** How many of the parts of the work failed, for the result; nothing if none did. */
const failedOf = (failed: number, total: number): Partial<PartsFailed> =>
  failed > 0 ? { failed, total } : {};

const failedArchives = (counts: BatchCounts): Partial<PartsFailed> =>
  failedOf(
    counts.failed,
    batchOutcomes.reduce((sum, outcome) => sum + counts[outcome], 0),
  );

const progressOf = ({ id, actor, signal, note, progress, waitOutside }: JobContext) => ({
  job: id,
  actor,
  waitOutside,
  signal,
  onStep: (step: string) => note({ step }),
  onProgress: progress,
});

const upgradeResult = (plugins: Upgraded[]): JobResult => {
  const failed = plugins.flatMap((p) => (p.error ? [{ namespace: p.namespace, ...p.error }] : []));
  const first = failed[0];
  if (!first) return success({ plugins });
  const error = failed.map((f) => `${f.namespace}: ${f.message}`).join(" ");
  return { success: 0, error, code: first.code, hint: first.hint, data: { plugins } };
};

const refreshResult = (registries: RefreshOutcome[]): JobResult => {
  const failed = registries.filter(({ code }) => code !== undefined);
  const [first] = failed;
  if (!first) return success({ registries });
  const error = failed.map((one) => `${one.name}: ${one.error}`).join(" ");
  return { success: 0, error, ...(first.code && { code: first.code }), data: { registries } };
};

/** A sync that conflicts has done nothing. */
const syncResult = (plan: SyncPlan): JobResult => {
  const [first] = [...plan.registries, ...plan.plugins].flatMap(({ conflicts }) => conflicts);
  if (!first) return success(plan);
  return { success: 0, error: first.message, code: first.code, hint: first.hint, data: plan };
};

/** Gathers the changes of an archive in a job into one, from before the first to after the last. */
const gatherChanges = () => {
  let net: ArchiveChange | undefined;
  return {
    add: (change: ArchiveChange): void => {
      net = { before: net?.before ?? change.before, after: change.after };
    },
    net: (): { change?: ArchiveChange } => (net ? { change: net } : {}),
  };
};

/** For the notes of a job, which every client shows. */
const pausesText = (pauses: readonly BatchPause[]): string =>
  pauses
    .map(({ plugin, reason, until }) => {
      const end = until === null ? "until it is resumed" : `until ${minuteText(until)}`;
      return `${plugin} ${end}: ${reason}`;
    })
    .join(" ");

/** Defines every task; called once, before the jobs start. */
export const defineTasks = ({
  jobs,
  installer,
  plugins,
  enqueue,
  categories,
  refreshAll,
  deliver,
  lockfiles,
}: TaskDeps): void => {
  const define = <A>(
    { name, decode }: TaskCodec<A>,
    repeatable: boolean,
    run: (args: A, progress: ReturnType<typeof progressOf>, context: JobContext) => Promise<unknown>,
  ): void =>
    jobs.define({
      name,
      repeatable,
      run: async (context, stored) => {
        const args = decode(stored);
        if (args === undefined) throw new TypeError(`These are no arguments of ${name}`);
        return run(args, progressOf(context), context);
      },
    });

  // The journal of the first try is replayed before jobs start, so an install can be repeated.
  define(taskCodecs.installPlugin, true, async (request, progress) =>
    success(await installer.install({ ...request, namespace: toNamespace(request.namespace) }, progress)),
  );
  define(
    taskCodecs.upgradePlugins,
    true,
    async ({ namespaces, grant = false, automatic, shown }, progress) => {
      const options = { ...progress, isAutomatic: automatic, shown };
      return upgradeResult(await installer.upgrade(namespaces?.map(toNamespace), grant, options));
    },
  );
  define(taskCodecs.refreshRegistries, true, async (_, { actor, signal }) =>
    refreshResult(await refreshAll(actor)({ signal })),
  );
  // All of it is waiting for a receiver, so it takes no place of other jobs.
  define(taskCodecs.sendNotification, true, async ({ receiver, message }, { signal, waitOutside }) => {
    const isSent = await waitOutside(deliver(receiver, message, signal));
    return success({ receiver, sent: isSent });
  });
  // A script may have made half of its changes, and making them twice may be wrong.
  define(taskCodecs.runPlugin, false, async ({ archive, arg, ...args }, progress) => {
    const namespace = toNamespace(args.namespace);
    const request = { ...progress, namespace, archive: archive || undefined, arg: arg || undefined };
    const changes = gatherChanges();
    const { type, data } = await plugins.apply({ ...request, onChange: changes.add });
    return success(data, { type, ...changes.net() });
  });
  define(taskCodecs.runEnabledPlugins, true, async ({ archive }, progress) => {
    const changes = gatherChanges();
    const outcomes = await plugins.applyEnabled(archive, { ...progress, onChange: changes.add });
    const ran = outcomes.filter(({ skipped }) => skipped === undefined);
    const failed = ran.filter(({ error }) => error !== null).length;
    return success({ id: archive, plugins: outcomes }, { ...changes.net(), ...failedOf(failed, ran.length) });
  });
  define(
    taskCodecs.runBatch,
    true,
    async ({ plugin, ...request }, progress, { id, checkpoint, keep, note, isPaused }) => {
      const notePauses = (kept: unknown): void => note({ paused: pausesText(plugins.batches.pauses(kept)) });
      if (checkpoint !== undefined) notePauses(checkpoint);
      const batch = { ...request, plugin: plugin && toNamespace(plugin) };
      const ended = await plugins.batches.run(id, batch, {
        ...progress,
        ...{ isPaused, checkpoint },
        keep: async (kept) => {
          notePauses(kept);
          await keep(kept);
        },
      });
      return "until" in ended ? new Delayed(ended.until) : success(ended, failedArchives(ended));
    },
  );
  // What it kept lets the next run go on with it, or undo it.
  define(taskCodecs.syncSet, true, async ({ request }, progress, { checkpoint, keep }) =>
    syncResult(await lockfiles.sync(JSON.parse(request) as SyncRequest, { ...progress, checkpoint, keep })),
  );
  define(taskCodecs.undoBatch, true, async ({ batch }, progress) =>
    success(await plugins.batches.undo(batch, progress)),
  );
  define(taskCodecs.downloadUrl, true, async ({ url, category }, progress) => {
    const { id, filename } = await plugins.download(url, progress);
    if (category) {
      // As in LANraragi, the archive stays where its category does not take it.
      await categories.add(category, id).catch((error: unknown) => {
        if (!isHitagiError(error)) throw error;
      });
    }
    const job = await enqueue.forNewArchive(id, progress.actor);
    return success({ id, filename, job }, { url: redact(url), id, title: filename });
  });
};
