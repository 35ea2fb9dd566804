import type { Actor } from "@hitagi/contract";
import type { Logger } from "pino";
import { createCatalog } from "../catalog/catalog.ts";
import { createDetailsReader } from "../catalog/details.ts";
import { createMirrorFiles } from "../catalog/mirror-files.ts";
import { createProbe } from "../catalog/probe.ts";
import { withHead } from "../catalog/probe-head.ts";
import { createReadUnadded } from "../catalog/read-unadded.ts";
import { createRefreshAll } from "../catalog/refresh-all.ts";
import { refreshOutdated } from "../catalog/refresh-outdated.ts";
import { createRefreshSchedule } from "../catalog/refresh-schedule.ts";
import { createRegistries } from "../catalog/registries.ts";
import { createRegistryFiles } from "../catalog/registry-files.ts";
import { createOtherAddresses } from "../catalog/trust/other-addresses.ts";
import { createRegistryTrust } from "../catalog/trust/registry-trust.ts";
import { isSignatureRequired } from "../catalog/trust/signature-policy.ts";
import { createTornRetries } from "../catalog/trust/torn-retries.ts";
import { createTrustDecisions } from "../catalog/trust/trust-decisions.ts";
import type { InstalledVersion } from "../catalog/types.ts";
import { epochSeconds } from "../clock.ts";
import type { Config } from "../config/config.ts";
import type { Documents } from "../documents/documents.ts";
import { announcePatches, announceRefreshes, announceRegistries } from "../events/announce.ts";
import { trackRefreshes } from "../history/record.ts";
import type { ActiveSet } from "../plugins/registry/active.ts";
import type { ActivePlugin } from "../plugins/types.ts";
import { quarantinePlugin } from "../plugins/use/quarantine.ts";
import type { Runtime } from "../runtimes/types.ts";
import type { Observation } from "./compose-observation.ts";
import { composeSources } from "./compose-sources.ts";
import { createLoadFile, createVetFile } from "./vet-file.ts";

const versionOf = ({ manifest, registry, updates }: ActivePlugin): InstalledVersion => ({
  version: manifest.version,
  registry,
  choices: updates,
});

/** What the catalog works with. */
interface CatalogParts {
  runtimes: readonly Runtime[];
  active: ActiveSet;
  documents: Documents;
  /** Called when another head of a registry was accepted, with its details. */
  onSignedRefresh: (registry: string) => Promise<void>;
}

/** Why a version is set aside that a new epoch does not name. */
const WITHDRAWN = "withdrawn by the keeper: the registry's new epoch does not have this version";

/** Where plugins come from: sources, the registries over them, and the catalog of what they offer. */
export const composeCatalog = (
  config: Config,
  log: Logger,
  { events, history, store }: Observation,
  { runtimes, active, documents, onSignedRefresh }: CatalogParts,
) => {
  const { network, http, sources, timeoutMs } = composeSources(config);
  const isRequired = (registry: string) => isSignatureRequired(documents, registry);
  const trusts = createRegistryTrust({ store, isRequired, now: epochSeconds });
  const decisions = createTrustDecisions({
    ...{ store, http, timeoutMs, now: epochSeconds },
    files: createRegistryFiles({ store, sources, timeoutMs }),
  });
  const retries = createTornRetries({
    refresh: (id, signal) => catalog.refresh(id, signal),
    ...{ log, now: epochSeconds },
  });
  const others = createOtherAddresses({ store, refresh: (id, signal) => catalog.refresh(id, signal), log });
  const isSigned = async ({ registry, namespace, manifest, code }: ActivePlugin): Promise<boolean> =>
    registry !== null && trusts.isSigned(registry, namespace, manifest.version, code.sha256);
  const quarantining = {
    active: announcePatches(active, events.publish),
    ...{ store: store.plugins, log, now: epochSeconds },
  };
  const setAsideWithdrawn = async (registry: string): Promise<void> => {
    for (const plugin of active.list().filter((one) => one.registry === registry)) {
      if (!(await isSigned(plugin))) await quarantinePlugin(quarantining, plugin, WITHDRAWN, "withdrawn");
    }
  };
  const details = createDetailsReader(store);
  const available = createCatalog({
    store,
    details,
    sources,
    timeoutMs,
    vet: createVetFile(runtimes),
    isSignatureRequired: isRequired,
    onTorn: retries.onTorn,
    onNewEpoch: setAsideWithdrawn,
    onSignedRefresh: async (registry) => {
      await onSignedRefresh(registry);
      others.onSignedRefresh(registry);
    },
    installed: (namespace) => {
      const plugin = active.get(namespace);
      return plugin && versionOf(plugin);
    },
    listInstalled: () => active.list().map((plugin) => [plugin.namespace, versionOf(plugin)]),
  });
  const configured = createRegistries({
    ...{ store, sources, forget: available.forget },
    ...{ trustOf: trusts.of, textsOf: details.registry },
  });
  const announced = announceRefreshes(available, configured, events.publish);
  const catalog = refreshOutdated(announced, { store, documents });
  const registries = announceRegistries(configured, events.publish);
  const refreshAll = (actor: Actor) =>
    createRefreshAll({ registries, catalog: trackRefreshes(catalog, history, actor) });
  const schedule = createRefreshSchedule({
    registries,
    refreshAll: refreshAll({ kind: "schedule", key: null }),
    locks: store.locks,
    hours: config.refreshHours,
    log,
    now: epochSeconds,
  });
  const mirrorFiles = createMirrorFiles({
    ...{ store, catalog, files: createRegistryFiles({ store, sources, timeoutMs }) },
    installed: () => active.list().map((plugin) => ({ namespace: plugin.namespace, ...versionOf(plugin) })),
  });
  return {
    network,
    http,
    catalog,
    registries,
    refreshAll,
    schedule,
    isSigned,
    isLeftOut: trusts.isLeftOut,
    withdrawnSince: trusts.withdrawnSince,
    wasSigned: trusts.wasSigned,
    decisions,
    probeRegistry: withHead({ sources, timeoutMs }, createProbe({ sources, forges: config, timeoutMs })),
    mirrorFiles,
    readUnadded: createReadUnadded({
      ...{ sources, timeoutMs, now: epochSeconds },
      ...{ vet: createVetFile(runtimes), load: createLoadFile(runtimes) },
      // No registry has this id, so that the rule for all of them counts.
      isSignatureRequired: () => isRequired(""),
    }),
    close: async () => {
      retries.stop();
      await others.stop();
      await http.close();
    },
  };
};
