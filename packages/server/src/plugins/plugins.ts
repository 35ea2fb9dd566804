import {
  type Confinement,
  HitagiError,
  libraryRights,
  type Namespace,
  type Permissions,
} from "@hitagi/contract";
import type { Logger } from "pino";
import type { Artifacts } from "../artifacts/types.ts";
import { alwaysFresh, type EnsureFresh } from "../freshness.ts";
import type { Library } from "../library/types.ts";
import type { Lookup } from "../net/addresses.ts";
import type { WriteLogLine } from "../plugin-logs/types.ts";
import type { Policy } from "../policy/types.ts";
import {
  difference,
  hasOpenNetwork,
  intersect,
  namesOnlyFiles,
  narrowOpen,
  permissionNames,
  scopesOf,
  withFiles,
  withoutHosts,
  withoutPublicSuffixes,
} from "../runtimes/broker/grants.ts";
import type { FileAccess } from "../runtimes/granted-files.ts";
import type { Broker, Runtime } from "../runtimes/types.ts";
import type { BatchStore, HistoryStore, Locks, PluginStore, RateLimiter } from "../store/types.ts";
import { createTakesAddress } from "./addresses/address-patterns.ts";
import { createAddresses } from "./addresses/addresses.ts";
import { createAddressReaders } from "./addresses/readers.ts";
import type { ReadSteps } from "./chain/steps.ts";
import { createTryChain } from "./chain/trial.ts";
import { createDownloads } from "./download/download.ts";
import { createDownloadQueue, type QueueDownload } from "./download/download-queue.ts";
import { installedPlugin, keptVersion, listedPlugin, type RegistryNames } from "./list.ts";
import type { ActiveSet } from "./registry/active.ts";
import { GRANTED_NOTHING, markEmptyGrants } from "./registry/empty-grants.ts";
import type { RejectedFile } from "./registry/load-plugin.ts";
import { moveBuiltins } from "./registry/moved-builtins.ts";
import type { RejectedFiles } from "./registry/rejected-files.ts";
import { createReload } from "./registry/reload.ts";
import { scanPlugins } from "./registry/scan.ts";
import { createPluginSettings } from "./settings.ts";
import { pluginTrust } from "./trust.ts";
import type { ActivePlugin, Plugins } from "./types.ts";
import { createApply } from "./use/apply.ts";
import { createArchiveEdits } from "./use/archive-edits.ts";
import { createBatches } from "./use/batch.ts";
import { createCall } from "./use/call.ts";
import { createCooldown } from "./use/cooldown.ts";
import { createQuarantine } from "./use/quarantine.ts";
import { sessionOf } from "./use/results.ts";
import { createSessions } from "./use/sessions.ts";
import { createUse, existing } from "./use/use.ts";

export interface PluginsDeps {
  active: ActiveSet;
  store: PluginStore;
  batches: BatchStore;
  /** What the owner did before. */
  history: Pick<HistoryStore, "list">;
  artifacts: Artifacts;
  runtimes: readonly Runtime[];
  broker: Broker;
  library: Library;
  policy: Pick<Policy, "permit" | "tagRewriter">;
  /** The chain of enabled metadata plugins. */
  readSteps: ReadSteps;
  /** Shared with the installer. */
  rejectedFiles: RejectedFiles;
  builtinFolder: string;
  /** Holds Managed, Hitagi and Sideloaded. */
  pluginsFolder: string;
  /** Seconds that one call may take. */
  callTimeout: number;
  log: Logger;
  /** Epoch seconds. */
  now: () => number;
  /** Given if several servers change the same archives. */
  locks?: Locks | undefined;
  /** Given if several servers share the cooldowns of plugins. */
  rateLimiter?: RateLimiter | undefined;
  /** See {@link EnsureFresh}. */
  ensureFresh?: EnsureFresh;
  /** Whether enabled plugins replace the titles of new archives; they do where absent. */
  replacesTitles?: () => Promise<boolean>;
  /** Hosts that every download may reach, even if their addresses are not public. */
  downloadHosts?: readonly string[];
  /** What of this machine a plugin can be granted to read. */
  files: FileAccess;
  /** Queues downloads that scripts ask for. */
  queueDownload: QueueDownload;
  /** Takes the lines of plugins' logs. */
  writeLog: WriteLogLine;
  /** Resolves the names of download hosts; the operating system's resolver by default. */
  lookup?: Lookup;
  /** Whether an accepted head of its registry names a plugin's file; none does where absent. */
  isSigned?: (plugin: ActivePlugin) => Promise<boolean>;
  /** The names of the registries; none where absent. */
  registryNames?: () => Promise<RegistryNames>;
}

/** `close` ends the connections of downloads. */
export const createPlugins = (deps: PluginsDeps): Plugins & { close(): Promise<void> } => {
  const { active, store, library, log, readSteps, ensureFresh = alwaysFresh } = deps;
  const { replacesTitles = async () => true, isSigned = async () => false } = deps;
  const { registryNames = async () => new Map<string, string>() } = deps;
  const folders = { runtimes: deps.runtimes, builtin: deps.builtinFolder, plugins: deps.pluginsFolder };
  const settings = createPluginSettings(store);
  const quarantine = createQuarantine(deps);
  const takes = createTakesAddress(quarantine.setAside);
  const sessions = createSessions({
    active,
    settings: settings.values,
    login: async (plugin) => sessionOf(plugin, (await call(plugin, {})).value),
  });
  const call = createCall({
    ...deps,
    settings,
    cooldown: createCooldown(deps.rateLimiter),
    quarantine,
    others: { active, use: async (request) => (await use(request)).result },
    downloadQueue: (plugin, granted, actor) =>
      createDownloadQueue({ active, library, takes, queue: deps.queueDownload }, plugin, granted, actor),
    session: sessions.of,
    timeoutMs: deps.callTimeout * 1000,
  });
  const use = createUse({ active, call, sessions, ensureFresh, policy: deps.policy });
  const readers = createAddressReaders(active, takes);
  const addresses = createAddresses({ readers, library });
  const downloads = createDownloads({
    ...{ active, call, library, session: sessions.of, takes, lookup: deps.lookup },
    hosts: deps.downloadHosts,
  });

  const confinementOf = async ({ runtime }: ActivePlugin): Promise<Confinement> =>
    (await deps.runtimes.find(({ name }) => name === runtime)?.confinement()) ?? {
      files: "unconfined",
      network: "unconfined",
      reason: `${runtime} is not enabled`,
    };

  const recordOf = async (plugin: ActivePlugin, names: RegistryNames) =>
    installedPlugin(
      plugin,
      await store.versions(plugin.namespace),
      await confinementOf(plugin),
      pluginTrust(plugin, await isSigned(plugin)),
      names,
      await deps.files.unavailable(plugin.granted.files ?? []),
    );

  const filesFor = async ({ granted }: ActivePlugin, permissions: Permissions | undefined) =>
    permissions === undefined ? granted.files : Promise.all((permissions.files ?? []).map(deps.files.check));

  const edit = createArchiveEdits(library, deps.locks);

  return {
    ...createApply({ active, library, readSteps, edit, use, log, replacesTitles }),
    batches: createBatches({
      active,
      library,
      readSteps,
      readers,
      store: deps.batches,
      policy: deps.policy,
      use,
      edit,
      log,
      replacesTitles,
    }),
    ...downloads,
    addresses,
    tryChain: createTryChain({ library, readSteps, use, replacesTitles }),
    list: (type) =>
      active
        .list()
        .filter((plugin) => type === "all" || plugin.manifest.type === type)
        .map(listedPlugin),
    revision: active.revision,
    async records() {
      const names = await registryNames();
      return Promise.all(active.list().map((plugin) => recordOf(plugin, names)));
    },
    async record(namespace) {
      const rejected = active.get(namespace) ? undefined : await deps.rejectedFiles.get(namespace);
      if (rejected) throw fileRejected(rejected);
      return recordOf(installed(active, namespace), await registryNames());
    },
    async versions(namespace) {
      const plugin = active.get(namespace);
      const kept = await store.versions(namespace);
      if (!plugin && kept.length === 0) throw new HitagiError("PLUGIN_NOT_INSTALLED", { namespace });
      const names = await registryNames();
      return {
        installed: plugin?.manifest.version ?? null,
        versions: kept.map((one) => keptVersion(one, plugin?.code.sha256, names)),
      };
    },
    async configure(namespace, flags) {
      const { health } = existing(active, namespace);
      const record = await store.get(namespace);
      if (record === undefined) throw new HitagiError("PLUGIN_NOT_FOUND", { namespace });
      if (record.type === undefined) throw new HitagiError("PLUGIN_RECORD_BROKEN", { namespace });
      const isMetadata = record.type === "metadata";
      const isQuarantined = health.state === "quarantined";
      const retries = isQuarantined && health.cause === undefined && flags.enabled === true;
      const onlyRetries = retries && Object.keys(flags).length === 1;
      if (!isMetadata && !onlyRetries) throw new HitagiError("PLUGIN_NOT_METADATA", { namespace });
      if (retries) await quarantine.lift(namespace);
      if (!isMetadata) return;
      await store.configure(namespace, flags);
      // An undefined flag must not replace one that is set.
      const given = Object.entries(flags).filter(([, value]) => value !== undefined);
      active.patch(namespace, Object.fromEntries(given));
    },
    async changeUpdates(namespace, change) {
      installed(active, namespace);
      await store.changeUpdates(namespace, change);
      const { updates } = (await store.get(namespace)) ?? {};
      active.patch(namespace, { updates });
      return updates ?? {};
    },
    settings: async (namespace) => settings.describe(existing(active, namespace)),
    async putSettings(namespace, values) {
      const plugin = existing(active, namespace);
      await settings.put(plugin, values);
      return settings.describe(plugin);
    },
    async grant(namespace, permissions) {
      const plugin = installed(active, namespace);
      const granted = withFiles(scopesFor(plugin, permissions), await filesFor(plugin, permissions));
      await store.grant(plugin.namespace, Object.keys(granted).length === 0 ? GRANTED_NOTHING : granted);
      active.patch(plugin.namespace, { granted });
      return granted;
    },
    mayWrite: (namespace) => {
      const rights = libraryRights(active.get(namespace)?.granted.library);
      return rights.includes("write") || rights.includes("add");
    },
    use: async (request) => (await use(request)).result,
    async scan(unplaced) {
      await moveBuiltins(store, deps.locks !== undefined);
      await markEmptyGrants(deps);
      await scanPlugins({ ...deps, ...folders, unplaced });
    },
    reload: createReload({ ...deps, ...folders, settings }),
  };
};

const fileRejected = ({ namespace, path, reason }: RejectedFile): HitagiError =>
  new HitagiError("PLUGIN_FILE_REFUSED", { namespace, file: path ?? "a builtin file", reason });

/** What a plugin may do beside reading files; by default all that it asks for. @throws HitagiError PERMISSION_NOT_ASKED */
const scopesFor = (plugin: ActivePlugin, permissions: Permissions | undefined): Permissions => {
  const { namespace } = plugin;
  const requested = scopesOf(plugin.manifest.permissions ?? {});
  if (permissions === undefined) return withoutPublicSuffixes(requested);
  if (namesOnlyFiles(permissions)) return plugin.granted;
  const open = hasOpenNetwork(plugin);
  const excess = permissionNames(difference(open ? withoutHosts(permissions) : permissions, requested));
  if (excess.length > 0)
    throw new HitagiError("PERMISSION_NOT_ASKED", { namespace, permissions: excess.join(", ") });
  return (open ? narrowOpen : intersect)(requested, permissions);
};

/** @throws HitagiError PLUGIN_NOT_INSTALLED */
const installed = (active: ActiveSet, namespace: Namespace): ActivePlugin => {
  const plugin = active.get(namespace);
  if (plugin === undefined) throw new HitagiError("PLUGIN_NOT_INSTALLED", { namespace });
  return plugin;
};
