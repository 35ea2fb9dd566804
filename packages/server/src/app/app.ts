import path from "node:path";
import type { Logger } from "pino";
import { createBackups } from "../backup/backups.ts";
import { createRestores } from "../backup/restores.ts";
import { serverFolders } from "../backup/server-folders.ts";
import { epochSeconds } from "../clock.ts";
import { createMembership } from "../cluster/membership.ts";
import type { Cluster } from "../cluster/types.ts";
import { changeOnAllNodes } from "../cluster/wait-for-all-nodes.ts";
import { type Config, closedPlaces } from "../config/config.ts";
import { exists } from "../disk/files.ts";
import { makeFolder } from "../disk/folders.ts";
import { createDocuments } from "../documents/documents.ts";
import { announceDocuments, announceKeys, announceLibrary } from "../events/announce.ts";
import { observeEvents } from "../events/types.ts";
import { createIngest } from "../ingest/new-archives.ts";
import { createKeys } from "../keys/keys.ts";
import { libraryFolder, ownLibraryFolder } from "../library/place.ts";
import { createLockfiles } from "../lockfile/lockfiles.ts";
import { tailOf } from "../log.ts";
import { scrape } from "../metrics/scrape.ts";
import { createChain } from "../plugins/chain/chain.ts";
import { createReadSteps } from "../plugins/chain/steps.ts";
import type { QueueDownload } from "../plugins/download/download-queue.ts";
import { createPolicy } from "../policy/policy.ts";
import { createFileAccess } from "../runtimes/granted-files.ts";
import type { Services } from "../services.ts";
import { openStoreCopy } from "../store/store.ts";
import { createThumbnails } from "../thumbnails/thumbnails.ts";
import { createListedUpdates } from "../updates/listed-updates.ts";
import { composeAdmission } from "./compose-admission.ts";
import { composeShare, tryShare } from "./compose-artifacts.ts";
import { composeCatalog } from "./compose-catalog.ts";
import { composeCluster } from "./compose-cluster.ts";
import { composeLibrary } from "./compose-library.ts";
import { composeNotifications } from "./compose-notifications.ts";
import { createObservation, type Observation } from "./compose-observation.ts";
import { composePlugins, composeRuntimes } from "./compose-plugins.ts";
import { composeWork } from "./compose-work.ts";
import { openLockedStore } from "./open-store.ts";

const MEGABYTE = 1024 * 1024;

/** Milliseconds that running jobs have to end when the server stops. */
const STOP_GRACE_MS = 10_000;

/** The server without its HTTP side. */
interface App {
  services: Services;
  /** Recovers from a crash, activates the installed plugins, and resumes waiting jobs. */
  start(): Promise<void>;
  /** Lets running jobs end, then ends every process and closes the store. May be called twice. */
  stop(): Promise<void>;
}

/** All parts but the store, in the order in which data flows. */
const compose = (config: Config, log: Logger, observation: Observation, cluster: Cluster) => {
  const { metrics, history, pluginLogs, store, forgetRegistries } = observation;
  const events = observeEvents(observation.events, [(event) => notifications.onEvent(event)]);
  const observed = { ...observation, events };
  const { publish } = events;
  const stored = createDocuments({ store: store.documents, ensureFresh: cluster.ensureFresh });
  const documents = announceDocuments(changeOnAllNodes(stored, cluster), publish);
  const { runtimes, active } = composeRuntimes(config, log, observed);
  const onSignedRefresh = (registry: string) => rules.enforceYanks(registry);
  const catalogParts = { runtimes, active, documents, onSignedRefresh };
  const available = composeCatalog(config, log, observed, catalogParts);
  const { catalog, registries, refreshAll, probeRegistry, network, decisions } = available;
  const archives = announceLibrary(composeLibrary(config, { store, network }), publish);
  const { library } = archives;
  const thumbnails = createThumbnails({
    ...{ library, events, log },
    folder: path.join(config.data, "thumbnails"),
    maxCacheBytes: config.thumbnailCache * MEGABYTE,
  });
  const share = composeShare(config, network);
  const files = createFileAccess(closedPlaces(config));
  const policy = createPolicy({ documents, files });
  const queueDownload: QueueDownload = (url, options) =>
    enqueue.downloadUrl({ url, category: undefined }, options);
  const readSteps = createReadSteps(active, documents);
  const notifications = composeNotifications({
    ...{ documents, catalog, registries, library, network, log },
    queue: (args, options) => enqueue.sendNotification(args, options),
  });
  const rules = composeAdmission(config, {
    ...{ documents, registries, catalog, active, store, files, log, publish },
    ...{
      http: available.http,
      isLeftOut: available.isLeftOut,
      withdrawnSince: available.withdrawnSince,
      wasSigned: available.wasSigned,
    },
  });
  const installed = composePlugins(config, log, observed, {
    ...{
      runtimes,
      active,
      catalog,
      admission: rules.admission,
      library,
      policy,
      files,
      readSteps,
      cluster,
      share,
      queueDownload,
      isSigned: available.isSigned,
    },
  });
  const { plugins, installer, lanraragiSettings, broker } = installed;
  const integrity = rules.integrityOf(installer, plugins);
  const lockfiles = createLockfiles({
    ...{ registries, catalog, decisions, installer, plugins, log, now: epochSeconds },
    ...{ store: store.plugins, locks: store.locks, documents },
    ...{ admission: rules.admission, readUnadded: available.readUnadded },
  });
  const { onJob, deliver } = notifications;
  const work = composeWork(config, log, observed, {
    ...{ documents, active, catalog, refreshAll, plugins, installer, library, cluster, onJob, deliver },
    lockfiles,
  });
  const { jobs, enqueue, schedules } = work;
  const services: Services = {
    logTail: tailOf(log),
    ...{ config, log, store, registries, catalog, refreshAll, probeRegistry, installer, plugins },
    ...{ integrity, blockLists: rules.blockLists, blockEnforcement: rules.blockEnforcement },
    ...{ trustDecisions: decisions, lockfiles, mirrorFiles: available.mirrorFiles },
    listedUpdates: createListedUpdates({ catalog, admission: rules.admission }),
    chain: createChain({ active, documents, readSteps, configure: plugins.configure }),
    ...{ lanraragiSettings, library, thumbnails, documents, policy, share, jobs, enqueue, schedules },
    receivers: notifications.receivers,
    sendNotification: notifications.send,
    ...{ cluster, events, history, pluginLogs, metrics, runtimes, broker },
    keys: announceKeys(createKeys({ store: store.keys, log, now: epochSeconds }), publish),
    scrape: () => scrape(metrics, { runtimes, active, store }),
    restores: createRestores({
      ...{ folders: serverFolders(config), openCopy: openStoreCopy, now: epochSeconds },
      onChange: () => publish({ kind: "server", action: "changed", part: "restore" }),
    }),
    backups: createBackups({
      folders: serverFolders(config),
      store,
      share,
      log,
      openCopy: openStoreCopy,
      onError: (err) => log.warn({ err }, "what a backup had gathered could not be removed"),
    }),
  };
  const close = async (): Promise<void> => {
    thumbnails.close();
    await installed.close();
    await Promise.all([available.close(), archives.close(), share?.close(), notifications.close()]);
  };
  return {
    services,
    archives,
    membership: createMembership({ ...services, active, forgetRegistries }),
    refreshSchedule: available.schedule,
    scheduler: work.scheduler,
    notifier: notifications.notifier,
    automaticUpdates: work.automaticUpdates,
    integrity,
    blockEnforcement: rules.blockEnforcement,
    garbageCollector: installed.garbageCollector,
    close,
  };
};

const warnOfMissingLibrary = async (config: Config, log: Logger): Promise<void> => {
  const folder = libraryFolder(config);
  if (folder === undefined || (await exists(folder))) return;
  log.warn(
    { folder },
    "the library folder does not exist: mount its disk or make it, then restart the server; until then its archives are missing",
  );
};

/**
 * Composes the server. It has no global state: a process may hold several, on different data folders.
 * @throws HitagiError DATA_IN_USE, LIBRARY_OF_OTHERS, LIBRARY_DIFFERS, and what the store throws
 */
export const createApp = async (config: Config, log: Logger): Promise<App> => {
  const { store, checkLibrary, close: closeStore } = await openLockedStore(config, log);
  const cluster = composeCluster(store, config, log);
  const { services, archives, membership, garbageCollector, close, ...timed } = compose(
    config,
    log,
    createObservation(config, log, store, cluster),
    cluster,
  );
  const { refreshSchedule, scheduler, notifier, automaticUpdates, integrity, blockEnforcement } = timed;
  const times = {
    settleMs: config.settle * 1000,
    scanEveryMs: config.scanMinutes * 60_000,
    pollEveryMs: config.libraryPoll * 1000,
  };
  const ingest = createIngest({ ...services, ...times }, archives);
  let background: Promise<unknown> = Promise.resolve();
  const stopping = new AbortController();
  let stopped: Promise<void> | undefined;

  const stop = async (): Promise<void> => {
    stopping.abort();
    await Promise.all([
      ingest.stop(),
      refreshSchedule.stop(),
      scheduler.stop(),
      automaticUpdates.stop(),
      integrity.stop(),
      blockEnforcement.stop(),
      background,
    ]);
    await services.jobs.stop(STOP_GRACE_MS);
    await notifier.stop();
    await membership.leave();
    await close();
    await services.history.close();
    await services.pluginLogs.close();
    await services.events.close();
    await closeStore();
  };

  return {
    services,
    async start() {
      const folders = [config.plugins, ownLibraryFolder(config)].filter((folder) => folder !== undefined);
      await Promise.all(folders.map((folder) => makeFolder(folder)));
      await warnOfMissingLibrary(config, log);
      await tryShare(services.share, log);
      await membership.join();
      // Two servers that start at once with different libraries could not see each other before they joined.
      await checkLibrary();
      await integrity.start();
      await blockEnforcement.enforce();
      await services.jobs.start();
      await services.thumbnails.start();
      ingest.start();
      background = services.installer
        .replicateArtifacts(stopping.signal)
        .catch((err: unknown) => log.error({ err }, "bytes of plugins could not be shared"));
      refreshSchedule.start();
      scheduler.start();
      automaticUpdates.start();
      blockEnforcement.start();
      notifier.start();
      garbageCollector?.start();
    },
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
};
