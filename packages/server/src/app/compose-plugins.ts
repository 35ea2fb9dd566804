import { readdirSync } from "node:fs";
import path from "node:path";
import type { Logger } from "pino";
import type { Admission } from "../admission/types.ts";
import { createLocalArtifacts } from "../artifacts/local.ts";
import type { Catalog } from "../catalog/types.ts";
import { epochSeconds } from "../clock.ts";
import type { Cluster } from "../cluster/types.ts";
import { configureOnAllNodes, installOnAllNodes } from "../cluster/wait-for-all-nodes.ts";
import { builtinArtifacts, builtinFolder, type Config } from "../config/config.ts";
import { announceInstalls, announcePatches, announceSettings } from "../events/announce.ts";
import { createInstaller } from "../install/installer.ts";
import type { Library } from "../library/types.ts";
import { measureRuntime } from "../metrics/measure.ts";
import { countHostRequests } from "../metrics/observers.ts";
import type { ReadSteps } from "../plugins/chain/steps.ts";
import type { QueueDownload } from "../plugins/download/download-queue.ts";
import { createLanraragiSettings } from "../plugins/lanraragi-settings.ts";
import { createPlugins } from "../plugins/plugins.ts";
import { type ActiveSet, createActivePlugins } from "../plugins/registry/active.ts";
import { createRejectedFiles } from "../plugins/registry/rejected-files.ts";
import type { ActivePlugin } from "../plugins/types.ts";
import type { Policy } from "../policy/types.ts";
import { createBroker } from "../runtimes/broker/broker.ts";
import { createDenoRuntime } from "../runtimes/deno/deno.ts";
import type { FileAccess } from "../runtimes/granted-files.ts";
import { createDisabledPerl } from "../runtimes/perl/disabled-perl.ts";
import { createPerlRuntime } from "../runtimes/perl/perl.ts";
import type { Runtime } from "../runtimes/types.ts";
import type { ArtifactShare } from "../store/types.ts";
import { composeArtifacts } from "./compose-artifacts.ts";
import type { Observation } from "./compose-observation.ts";

const MB = 1024 * 1024;

/** A builtin's file is named after its namespace, so the namespace is taken even if the plugin is not active. */
const builtinNames = (): Set<string> =>
  new Set(readdirSync(builtinFolder()).map((file) => path.parse(file).name));

/**
 * In the order in which a file is offered to them. What they keep on disk for perl lies beside the library, so that an
 * archive need not be copied to be shown to a plugin.
 */
export const createRuntimes = (
  config: Config,
  log: Logger,
  active: () => readonly ActivePlugin[],
): readonly Runtime[] => {
  const shared = { log, memoryMb: config.pluginMemory, standby: config.warm };
  const perl = () =>
    createPerlRuntime({
      ...shared,
      folderMb: config.perlFolder,
      workFolder: path.join(config.data, "perl"),
      installed: () =>
        active()
          .filter(({ runtime, health }) => runtime === "perl" && health.state === "ok")
          .map(({ code }) => code),
    });
  return [createDenoRuntime(shared), config.perl ? perl() : createDisabledPerl()];
};

/** The runtimes, and the set of active plugins, which is empty until the scan at the start. */
export const composeRuntimes = (config: Config, log: Logger, { metrics }: Observation) => {
  const retire = ({ runtime, code }: ActivePlugin) =>
    runtimes.find(({ name }) => name === runtime)?.retire(code);
  const active = createActivePlugins({ retire });
  const runtimes = createRuntimes(config, log, active.list).map((runtime) =>
    measureRuntime(runtime, metrics),
  );
  return { runtimes, active };
};

/** Everything that the plugins are made of, and work with. */
export interface PluginParts {
  runtimes: readonly Runtime[];
  active: ActiveSet;
  catalog: Catalog;
  admission: Admission;
  library: Library;
  policy: Policy;
  readSteps: ReadSteps;
  files: FileAccess;
  cluster: Cluster;
  /** The share of plugins' bytes; undefined if that is the store. */
  share: ArtifactShare | undefined;
  queueDownload: QueueDownload;
  /** Whether an accepted head of its registry names a plugin's file. */
  isSigned: (plugin: ActivePlugin) => Promise<boolean>;
}

/** The installed plugins: their use, and the installer that changes which they are. */
export const composePlugins = (
  config: Config,
  log: Logger,
  { metrics, events, pluginLogs, store }: Observation,
  {
    runtimes,
    active,
    catalog,
    admission,
    library,
    policy,
    files,
    readSteps,
    cluster,
    share,
    queueDownload,
    isSigned,
  }: PluginParts,
) => {
  const { publish } = events;
  const local = createLocalArtifacts(path.join(config.data, "artifacts"));
  const { artifacts, garbageCollector } = composeArtifacts(local, store, share, log);
  const builtins = createLocalArtifacts(builtinArtifacts());
  const seen = {
    ...artifacts,
    manifest: async (sha256: string) => (await builtins.manifest(sha256)) ?? artifacts.manifest(sha256),
    // What only the scan has seen is in no record, and no other server's business.
    put: local.put,
  };
  const lanraragiSettings = createLanraragiSettings(store.cache, epochSeconds, store.lanraragi);
  const broker = createBroker({
    library,
    files,
    cache: store.cache,
    lanraragiSetting: lanraragiSettings.get,
    requests: store.shared?.requests,
    log,
    observer: countHostRequests(metrics),
    proxyLimits: { responseBytes: config.perlFolder * MB },
  });
  const rejectedFiles = createRejectedFiles({
    plugins: config.plugins,
    runtimes,
    active,
    store: store.plugins,
    artifacts: seen,
  });
  const installed = createPlugins({
    active: announcePatches(active, publish),
    rejectedFiles: rejectedFiles,
    store: store.plugins,
    batches: store.batches,
    history: store.history,
    rateLimiter: store.shared?.rateLimiter,
    ...(store.shared && { locks: store.locks }),
    artifacts: seen,
    runtimes,
    broker,
    files,
    library,
    policy,
    readSteps,
    builtinFolder: builtinFolder(),
    pluginsFolder: config.plugins,
    callTimeout: config.callTimeout,
    downloadHosts: config.downloadHosts,
    queueDownload,
    isSigned,
    registryNames: async () => new Map((await store.registries.list()).map(({ id, name }) => [id, name])),
    replacesTitles: lanraragiSettings.replacesTitles,
    log,
    writeLog: pluginLogs.write,
    now: epochSeconds,
    ensureFresh: cluster.ensureFresh,
  });
  const installer = announceInstalls(active, publish, (announced) =>
    createInstaller({
      store,
      artifacts,
      admission,
      catalog,
      active: announced,
      rejectedFiles,
      runtimes,
      builtins: builtinNames(),
      grants: config.grant,
      isStoreShared: store.shared !== undefined,
      pluginsFolder: config.plugins,
      // Beside the plugins, so that moving a file into place is one rename even on another disk.
      stagingFolder: path.join(config.plugins, ".staging"),
      journalFolder: path.join(config.data, "journal"),
      log,
    }),
  );
  const close = async (): Promise<void> => {
    await garbageCollector?.stop();
    await Promise.all(runtimes.map((runtime) => runtime.stop()));
    await Promise.all([installed.close(), broker.close()]);
  };
  return {
    plugins: configureOnAllNodes(announceSettings(installed, active, publish), cluster),
    installer: installOnAllNodes(installer, cluster),
    lanraragiSettings,
    broker,
    garbageCollector,
    close,
  };
};
