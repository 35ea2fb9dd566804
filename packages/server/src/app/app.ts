import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import { createBackups } from "../backup/backups.ts";
import { serverFolders } from "../backup/server-folders.ts";
import { finishSwap, removeSnapshots } from "../backup/swap.ts";
import type { ServerFolders } from "../backup/types.ts";
import { readCachedIndex } from "../catalog/index-check.ts";
import { epochSeconds } from "../clock.ts";
import type { Load } from "../cluster/types.ts";
import type { Config } from "../config/config.ts";
import { readAuthorities } from "../config/network.ts";
import { type FolderLocks, lockFolders } from "../data-folder/locks.ts";
import { makeFolder } from "../disk/folders.ts";
import { announceLibrary } from "../events/announce-archives.ts";
import { announceJobs } from "../events/announce-jobs.ts";
import { recordJobs } from "../history/record-jobs.ts";
import { createIngest } from "../ingest/new-archives.ts";
import { createJobs } from "../jobs/jobs.ts";
import { observeJobs } from "../jobs/observed.ts";
import { createKeys } from "../keys/keys.ts";
import { openLibrary } from "../library/library.ts";
import { libraryFolder } from "../library/place.ts";
import { timeJobs } from "../metrics/observers.ts";
import { scrape } from "../metrics/scrape.ts";
import type { Services } from "../services.ts";
import { openStore, openStoreCopy } from "../store/store.ts";
import type { Store, Topic } from "../store/types.ts";
import { createEnqueue } from "../tasks/enqueue.ts";
import { defineTasks } from "../tasks/tasks.ts";
import { composeCatalog } from "./compose-catalog.ts";
import { composeCluster, composeMembership } from "./compose-cluster.ts";
import { createObservation, type Observation } from "./compose-observation.ts";
import { composePlugins, composeRuntimes } from "./compose-plugins.ts";
import { composeShare, tryShare } from "./compose-share.ts";

/** Milliseconds that running jobs have to end when the server stops. */
const STOP_GRACE_MS = 10_000;

/** Everything but the listening. */
export interface App {
  services: Services;
  /** Repairs what a crash left, puts the installed plugins in force, and takes up waiting jobs. */
  start(): Promise<void>;
  /** Lets running jobs end, then ends every process and closes the store. May be called twice. */
  stop(): Promise<void>;
}

/** All parts but the store, in the order in which data flows. */
const compose = (config: Config, log: Logger, observation: Observation) => {
  const { metrics, events, history, store } = observation;
  const { publish } = events;
  const cluster = composeCluster(store, config, log);
  const { runtimes, active } = composeRuntimes(config, log, observation);
  const available = composeCatalog(config, log, observation, active, cluster);
  const { catalog, registries, refreshAll, probeRegistry, network } = available;
  const archives = announceLibrary(openLibrary(config, { store, network }), publish);
  const { library } = archives;
  const share = composeShare(config, network);
  const parts = { runtimes, active, catalog, library, cluster, share };
  const installed = composePlugins(config, log, observation, parts);
  const { plugins, installer, broker } = installed;
  const jobStore = observeJobs(store.jobs, [announceJobs(publish), recordJobs(history), timeJobs(metrics)]);
  const jobs = createJobs({
    store: jobStore,
    claims: store.shared?.claims,
    concurrency: config.jobs,
    ensureFresh: cluster.ensureFresh,
    log,
  });
  const enqueue = createEnqueue({ plugins, jobs });
  const keys = createKeys({ store: store.keys, log, now: epochSeconds });
  const services: Services = {
    config,
    log,
    store,
    registries,
    catalog,
    refreshAll,
    probeRegistry,
    installer,
    plugins,
    library,
    share,
    jobs,
    enqueue,
    cluster,
    keys,
    events,
    history,
    metrics,
    scrape: () => scrape(metrics, { runtimes, active, store }),
    runtimes,
    broker,
    backups: createBackups({
      folders: serverFolders(config),
      store,
      share,
      log,
      openCopy: openStoreCopy,
      onError: (err) => log.warn({ err }, "what a backup had gathered could not be removed"),
    }),
  };
  defineTasks({ jobs, installer, plugins, enqueue });
  const close = async (): Promise<void> => {
    await installed.close();
    await Promise.all([available.close(), archives.close(), share?.close()]);
  };
  return {
    services,
    archives,
    membership: composeMembership(cluster, { ...services, active }),
    schedule: available.schedule,
    tidySources: available.tidySources,
    garbageCollector: installed.garbageCollector,
    close,
  };
};

/**
 * Opens the store, once a restore that its process did not cluster to finish is at its end, and claims what only servers on this
 * store may share.
 */
const openSettled = async (
  config: Config,
  log: Logger,
  folders: ServerFolders,
  locks: FolderLocks,
): Promise<{ store: Store; checkLibrary: () => Promise<void> }> => {
  await finishSwap(folders);
  await removeSnapshots(folders);
  const store = await openStore(config.store, {
    onError: (err) =>
      log[isHitagiError(err, "STORE_UNREACHABLE") ? "warn" : "error"](
        { err },
        "the store failed in the background",
      ),
    onAdvice: (advice) => log.warn(advice),
    readIndex: readCachedIndex,
    ca: readAuthorities(config),
    bytesElsewhere: config.artifacts !== "",
  });
  let library: string | undefined;
  const checkLibrary = async (): Promise<void> => {
    if (library !== undefined && (await store.shared?.nodes.isLibrary(library)) === false)
      throw new HitagiError("LIBRARY_DIFFERS");
  };
  try {
    library = store.shared && (await locks.lockSharedLibrary(store.shared.id));
    await checkLibrary();
  } catch (e) {
    await store.close();
    throw e;
  }
  for (const { setting, error } of locks.unlockable) {
    log.warn({ setting, err: error }, "this folder cannot be locked: a second server could use it too");
  }
  return { store, checkLibrary };
};

/**
 * Composes the server out of its parts. It has no global state: a process may hold several, on different data folders.
 * @throws HitagiError DATA_IN_USE, LIBRARY_OF_OTHERS, LIBRARY_DIFFERS, and what the store throws
 */
export const createApp = async (config: Config, log: Logger): Promise<App> => {
  // What is no file may be shared by several servers, and is asked what it is before the library is.
  const folders = serverFolders(config);
  const locks = await lockFolders(folders, { sharesLibrary: folders.storeFile === undefined });
  const { store, checkLibrary } = await openSettled(config, log, folders, locks).catch(async (e: unknown) => {
    await locks.release();
    throw e;
  });
  const { services, archives, membership, schedule, tidySources, garbageCollector, close } = compose(
    config,
    log,
    createObservation(config, log, store),
  );
  const arrivals = createIngest(services, archives);
  let tidying: Promise<void> = Promise.resolve();
  let spreading: Promise<void> = Promise.resolve();
  const stopping = new AbortController();
  let stopped: Promise<void> | undefined;

  const stop = async (): Promise<void> => {
    stopping.abort();
    await Promise.all([arrivals.stop(), schedule.stop(), tidying, spreading]);
    await services.jobs.stop(STOP_GRACE_MS);
    await membership.leave();
    await close();
    await services.history.close();
    await services.events.close();
    await store.close();
    await locks.release();
  };

  const load: Load = async () => {
    const { installer, plugins, store } = services;
    await installer.recover();
    // Where servers share a store its records say what is installed; else a file that is gone was taken away by hand.
    const lacking = store.shared && (await installer.reconcileAll());
    await plugins.scan(lacking);
    return [...(lacking?.keys() ?? [])].map((namespace): Topic => `plugin:${namespace}`);
  };

  return {
    services,
    async start() {
      const folders = [config.plugins, libraryFolder(config)].filter((folder) => folder !== undefined);
      await Promise.all(folders.map((folder) => makeFolder(folder)));
      await tryShare(services.share, log);
      await membership.join(load);
      // Of two that began at once with a library each, neither was there for the other to be found before.
      await checkLibrary();
      await services.jobs.start();
      arrivals.start();
      tidying = tidySources().catch((err: unknown) => log.error({ err }, "old caches could not be removed"));
      spreading = services.installer
        .replicateArtifacts(stopping.signal)
        .catch((err: unknown) => log.error({ err }, "bytes of plugins could not be shared"));
      schedule.start();
      garbageCollector?.start();
    },
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
};
