import { type Actor, type Grant, redact } from "@hitagi/contract";
import { SERVER } from "../history/types.ts";
import type { InstallRequest, Upgraded } from "../install/types.ts";
import type { JobContext, JobResult, Task } from "../jobs/types.ts";
import type { UseRequest } from "../plugins/types.ts";
import type { Services } from "../services.ts";

/** The names of the jobs there are; the first three are LANraragi's. */
export const taskNames = {
  install: "install_plugin",
  run: "run_plugin",
  download: "download_url",
  upgrade: "upgrade_plugins",
  runEnabled: "run_enabled_plugins",
  batch: "run_batch",
  undoBatch: "undo_batch",
} as const;

type Needed = Pick<Services, "installer" | "plugins" | "jobs">;
type Optional<T> = T | null;

const done = <T extends object>(data: unknown, beside?: T) => ({
  success: 1 as const,
  error: null,
  ...beside,
  data,
});

const progressOf = (context: JobContext) => ({
  signal: context.signal,
  onStep: (step: string) => context.note({ step }),
  onProgress: (count: number, total: number, note?: string) => context.progress(count, total, note),
});

/** Arguments: namespace, registry, version or null, force, grant. */
const installTask = ({ installer }: Needed): Task<[string, string, Optional<string>?, boolean?, Grant?]> => ({
  name: taskNames.install,
  // The journal of the first try is settled before jobs start, so that it can simply be tried again.
  repeatable: true,
  run: async (context, namespace, registry, version, force = false, grant = false) => {
    const request: InstallRequest = { namespace, registry, version: version ?? undefined, force, grant };
    return done(await installer.install(request, progressOf(context)));
  },
});

const upgradeResult = (plugins: Upgraded[]): JobResult => {
  const failed = plugins.flatMap((p) => (p.error ? [{ namespace: p.namespace, ...p.error }] : []));
  const first = failed[0];
  if (!first) return done({ plugins });
  const error = failed.map((f) => `${f.namespace}: ${f.message}`).join(" ");
  return { success: 0, error, code: first.code, hint: first.hint, data: { plugins } };
};

/** Arguments: namespaces, or null for all that have an update; grant. */
const upgradeTask = ({ installer }: Needed): Task<[Optional<string[]>?, boolean?]> => ({
  name: taskNames.upgrade,
  repeatable: true,
  run: async (context, namespaces, grant = false) =>
    upgradeResult(await installer.upgrade(namespaces ?? undefined, grant, progressOf(context))),
});

/** Arguments: namespace, archive id or null, one-shot argument or null. */
const runTask = ({ plugins }: Needed): Task<[string, Optional<string>?, Optional<string>?]> => ({
  name: taskNames.run,
  // A script may have done half of what it does, and doing that twice may be wrong.
  repeatable: false,
  run: async (context, namespace, archive, arg) => {
    const { signal, onProgress } = progressOf(context);
    const request: UseRequest = { namespace, signal, onProgress };
    if (archive) request.archive = archive;
    if (arg) request.arg = arg;
    const { type, data } = await plugins.apply(request);
    return done(data, { type });
  },
});

/** Argument: the archive's id. */
const runEnabledTask = ({ plugins }: Needed): Task<[string]> => ({
  name: taskNames.runEnabled,
  repeatable: true,
  run: async (context, archive) => {
    const { signal, onProgress } = progressOf(context);
    return done({ id: archive, plugins: await plugins.applyEnabled(archive, { signal, onProgress }) });
  },
});

/** Arguments: a plugin or null for all enabled ones, archive ids or null for all, one-shot argument or null. */
const batchTask = ({ plugins }: Needed): Task<[Optional<string>, Optional<string[]>, Optional<string>?]> => ({
  name: taskNames.batch,
  repeatable: true,
  run: async (context, plugin, archives, arg) => {
    const request = { plugin: plugin ?? undefined, archives: archives ?? undefined, arg: arg ?? undefined };
    return done(await plugins.batches.run(context.id, request, progressOf(context)));
  },
});

/** Argument: the job of the batch. */
const undoBatchTask = ({ plugins }: Needed): Task<[number]> => ({
  name: taskNames.undoBatch,
  repeatable: true,
  run: async (context, batch) => done(await plugins.batches.undo(batch, progressOf(context))),
});

/** Argument: the address. */
const downloadTask = (services: Needed): Task<[string]> => ({
  name: taskNames.download,
  repeatable: true,
  run: async (context, url) => {
    const { signal, onProgress } = progressOf(context);
    const { id, filename } = await services.plugins.download(url, { signal, onProgress });
    const job = await enqueueEnabled(services, id, context.actor);
    return done({ id, filename, job }, { url: redact(url), id, title: filename });
  },
});

/** Queues the enabled metadata plugins for a new archive; null where none is enabled. */
export const enqueueEnabled = async (
  { plugins, jobs }: Pick<Services, "plugins" | "jobs">,
  archive: string,
  actor: Actor,
): Promise<number | null> =>
  plugins.anyEnabled() ? jobs.enqueue(taskNames.runEnabled, [archive], { actor }) : null;

/** Queues the enabled metadata plugins for archives that were found; many are one batch, to be followed and undone. */
export const enqueueForNew = async (
  services: Pick<Services, "plugins" | "jobs">,
  archives: string[],
): Promise<void> => {
  const { plugins, jobs } = services;
  if (!plugins.anyEnabled()) return;
  const [first] = archives;
  if (archives.length === 1 && first) await enqueueEnabled(services, first, SERVER);
  else await jobs.enqueue(taskNames.batch, [null, archives, null]);
};

/** Makes every kind of job known; called once, before the jobs start. */
export const defineTasks = (services: Needed): void => {
  services.jobs.define(installTask(services));
  services.jobs.define(upgradeTask(services));
  services.jobs.define(runTask(services));
  services.jobs.define(runEnabledTask(services));
  services.jobs.define(batchTask(services));
  services.jobs.define(undoBatchTask(services));
  services.jobs.define(downloadTask(services));
};
