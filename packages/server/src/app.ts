import { readdirSync } from "node:fs";
import path from "node:path";
import type { Actor } from "@hitagi/contract";
import type { Logger } from "pino";
import { createBackups } from "./backup/backups.ts";
import { placesOf } from "./backup/places.ts";
import { finishSwap, removeGathered } from "./backup/swap.ts";
import { createCatalog } from "./catalog/catalog.ts";
import { readCachedIndex } from "./catalog/read-cached.ts";
import { createRefreshAll } from "./catalog/refresh-all.ts";
import { createRefreshSchedule } from "./catalog/refresh-schedule.ts";
import { createRegistries } from "./catalog/registries.ts";
import { createTrial } from "./catalog/trial.ts";
import type { InstalledVersion } from "./catalog/types.ts";
import { epochSeconds } from "./clock.ts";
import { builtinFolder, type Config, searchPath } from "./config.ts";
import { forgeBases, readNetwork } from "./config-network.ts";
import { announceLibrary } from "./events/announce-archives.ts";
import { announceJobs } from "./events/announce-jobs.ts";
import { announceInstalls, announcePatches, announceSettings } from "./events/announce-plugins.ts";
import { announceRefreshes, announceRegistries } from "./events/announce-registries.ts";
import { recordJobs } from "./history/record-jobs.ts";
import { trackRefreshes } from "./history/record-server.ts";
import { createInstaller } from "./install/installer.ts";
import { createArrivals } from "./jobs/arrivals.ts";
import { createJobs } from "./jobs/jobs.ts";
import { observeJobs } from "./jobs/observed.ts";
import { defineTasks } from "./jobs/tasks.ts";
import { createKeys } from "./keys/keys.ts";
import { openLibrary } from "./library/library.ts";
import { libraryFolder } from "./library/place.ts";
import { measureRuntime } from "./metrics/measure-runtime.ts";
import { countAsks, timeJobs } from "./metrics/observers.ts";
import { scrape } from "./metrics/scrape.ts";
import { createObservation, type Observation } from "./observation.ts";
import { createActivePlugins } from "./plugins/active.ts";
import { createPlugins } from "./plugins/plugins.ts";
import { createRefusedFiles } from "./plugins/refused.ts";
import type { ActivePlugin } from "./plugins/types.ts";
import { createBroker } from "./runtimes/broker/broker.ts";
import { createDenoRuntime } from "./runtimes/deno/deno.ts";
import { createPerlRuntime } from "./runtimes/perl/perl.ts";
import { createPerlOff } from "./runtimes/perl/perl-off.ts";
import type { Runtime } from "./runtimes/types.ts";
import type { Services } from "./services.ts";
import { createHttp } from "./sources/http.ts";
import { createSources } from "./sources/sources.ts";
import { createArtifacts } from "./store/artifacts.ts";
import { claimPlaces } from "./store/claim.ts";
import { makeFolder } from "./store/make-folder.ts";
import { openStore, openStoreCopy } from "./store/store.ts";
import type { Store } from "./store/types.ts";

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

/** A builtin's file is named after its namespace, so that it is taken even where the plugin is not in force. */
const builtinNames = (): Set<string> =>
  new Set(readdirSync(builtinFolder()).map((file) => path.parse(file).name));

/** In the order in which a file is offered to them. What they keep on disk for perl lies beside the library, so that an
 * archive need not be copied to be shown to a plugin. */
const createRuntimes = (config: Config, log: Logger): readonly Runtime[] => {
  const shared = { log, memoryMb: config.pluginMemory, warm: config.warm };
  const perl = () =>
    createPerlRuntime({
      ...shared,
      maxFileMb: config.maxUpload,
      workFolder: path.join(config.data, "perl"),
    });
  return [createDenoRuntime(shared), config.perl ? perl() : createPerlOff()];
};

const compose = (config: Config, log: Logger, { metrics, events, history, store }: Observation) => {
  const at = (folder: string) => path.join(config.data, folder);
  const network = readNetwork(config);
  const http = createHttp(undefined, network);
  const git = { binary: config.git, folder: at("git"), searchPath: searchPath(), network };
  const forges = forgeBases(config);
  const sources = createSources({ http, forges, git });
  const timeoutMs = config.fetchTimeout * 1000;
  const { publish } = events;
  const artifacts = createArtifacts(at("artifacts"));
  const runtimes = createRuntimes(config, log).map((runtime) => measureRuntime(runtime, metrics));
  const retire = ({ runtime, code }: ActivePlugin) =>
    runtimes.find(({ name }) => name === runtime)?.retire(code);
  const active = createActivePlugins({ retire });

  const versionOf = ({ manifest, registry }: ActivePlugin): InstalledVersion => ({
    version: manifest.version,
    registry,
  });
  const available = createCatalog({
    store,
    sources,
    timeoutMs,
    installed: (namespace) => {
      const plugin = active.get(namespace);
      return plugin && versionOf(plugin);
    },
    listInstalled: () => active.list().map((plugin) => [plugin.namespace, versionOf(plugin)]),
  });
  const catalog = announceRefreshes(available, publish);
  const configured = createRegistries({ store, sources, forget: catalog.forget });
  const registries = announceRegistries(configured, publish);
  const archives = announceLibrary(openLibrary(config, { store, network }), publish);
  const { library } = archives;
  const broker = createBroker({ library, cache: store.cache, log, observer: countAsks(metrics) });
  const refused = createRefusedFiles({
    plugins: config.plugins,
    runtimes,
    active,
    store: store.plugins,
    artifacts,
  });
  const installed = createPlugins({
    active: announcePatches(active, publish),
    refused,
    store: store.plugins,
    batches: store.batches,
    artifacts,
    runtimes,
    broker,
    library,
    builtinFolder: builtinFolder(),
    pluginsFolder: config.plugins,
    callTimeout: config.callTimeout,
    log,
    now: epochSeconds,
  });
  const plugins = announceSettings(installed, active, publish);
  const installer = announceInstalls(active, publish, (announced) =>
    createInstaller({
      store,
      artifacts,
      catalog,
      active: announced,
      refused,
      runtimes,
      builtins: builtinNames(),
      grants: config.grant,
      pluginsFolder: config.plugins,
      // Beside the plugins, so that moving a file into place is one rename even on another disk.
      stagingFolder: path.join(config.plugins, ".staging"),
      journalFolder: at("journal"),
      log,
    }),
  );
  const jobStore = observeJobs(store.jobs, [announceJobs(publish), recordJobs(history), timeJobs(metrics)]);
  const jobs = createJobs({ store: jobStore, claims: store.claims, concurrency: config.jobs, log });
  const refreshAll = (actor: Actor) =>
    createRefreshAll({ registries, catalog: trackRefreshes(catalog, history, actor) });
  const schedule = createRefreshSchedule({
    registries,
    refreshAll: refreshAll({ kind: "schedule", key: null }),
    hours: config.refreshHours,
    log,
    now: epochSeconds,
  });
  const tidySources = async () => sources.tidy(await registries.list());
  const services: Services = {
    config,
    log,
    store,
    registries,
    catalog,
    refreshAll,
    tryRegistry: createTrial({ sources, forges, timeoutMs }),
    installer,
    plugins,
    library,
    jobs,
    keys: createKeys({ store: store.keys, log, now: epochSeconds }),
    events,
    history,
    metrics,
    scrape: () => scrape(metrics, { runtimes, active, store }),
    runtimes,
    broker,
    backups: createBackups({
      places: placesOf(config),
      store,
      openCopy: (file) => openStoreCopy(config, file),
      onError: (err) => log.warn({ err }, "what a backup had gathered could not be removed"),
    }),
  };
  defineTasks(services);
  const close = async () => {
    await Promise.all(runtimes.map((runtime) => runtime.stop()));
    await Promise.all([plugins.close(), broker.close(), http.close(), archives.close()]);
  };
  return { services, archives, schedule, tidySources, close };
};

/** Opens the store, once a restore that its process did not live to finish is at its end. */
const openSettled = async (config: Config, log: Logger): Promise<Store> => {
  const places = placesOf(config);
  await finishSwap(places);
  await removeGathered(places);
  return openStore(config, {
    onError: (err) => log.error({ err }, "the store failed in the background"),
    onAdvice: (advice) => log.warn(advice),
    readIndex: readCachedIndex,
  });
};

/**
 * Composes the server out of its parts. It has no global state: a process may hold several, on different data folders.
 * @throws HitagiError DATA_IN_USE, and what the store throws
 */
export const createApp = async (config: Config, log: Logger): Promise<App> => {
  const claim = await claimPlaces(config);
  for (const { setting, error } of claim.unclaimed) {
    log.warn({ setting, err: error }, "nothing keeps a second server from this place: it cannot be locked");
  }
  const store = await openSettled(config, log).catch(async (e: unknown) => {
    await claim.release();
    throw e;
  });
  const { services, archives, schedule, tidySources, close } = compose(
    config,
    log,
    await createObservation(config, log, store),
  );
  const arrivals = createArrivals(services, archives);
  let tidying: Promise<void> = Promise.resolve();
  let stopped: Promise<void> | undefined;

  const stop = async (): Promise<void> => {
    await Promise.all([arrivals.stop(), schedule.stop(), tidying]);
    await services.jobs.stop(STOP_GRACE_MS);
    await close();
    await services.history.close();
    await store.close();
    await claim.release();
  };

  return {
    services,
    async start() {
      const folders = [config.plugins, libraryFolder(config)].filter((folder) => folder !== undefined);
      await Promise.all(folders.map((folder) => makeFolder(folder)));
      await services.installer.recover();
      await services.plugins.scan();
      await services.jobs.start();
      arrivals.start();
      tidying = tidySources().catch((err: unknown) => log.error({ err }, "old caches could not be removed"));
      schedule.start();
    },
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
};
