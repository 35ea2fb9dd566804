import path from "node:path";
import type { Actor } from "@hitagi/contract";
import type { Logger } from "pino";
import { createCatalog } from "../catalog/catalog.ts";
import { createProbe } from "../catalog/probe.ts";
import { createRefreshAll } from "../catalog/refresh-all.ts";
import { createRefreshSchedule } from "../catalog/refresh-schedule.ts";
import { createRegistries } from "../catalog/registries.ts";
import type { InstalledVersion } from "../catalog/types.ts";
import { epochSeconds } from "../clock.ts";
import type { Cluster } from "../cluster/types.ts";
import { refreshOnAllNodes } from "../cluster/wait-for-all-nodes.ts";
import { type Config, searchPath } from "../config/config.ts";
import { readNetwork } from "../config/network.ts";
import { announceRefreshes, announceRegistries } from "../events/announce.ts";
import { trackRefreshes } from "../history/record.ts";
import type { ActivePlugin, ActivePlugins } from "../plugins/types.ts";
import type { Runtime } from "../runtimes/types.ts";
import { createHttp } from "../sources/http.ts";
import { createSources } from "../sources/sources.ts";
import type { Observation } from "./compose-observation.ts";
import { createVetFile } from "./vet-file.ts";

const versionOf = ({ manifest, registry, updates }: ActivePlugin): InstalledVersion => ({
  version: manifest.version,
  registry,
  choices: updates,
});

/** Where plugins come from: sources, the registries over them, and the catalog of what they offer. */
export const composeCatalog = (
  config: Config,
  log: Logger,
  { events, history, store }: Observation,
  { runtimes, active }: { runtimes: readonly Runtime[]; active: Pick<ActivePlugins, "get" | "list"> },
  cluster: Cluster,
) => {
  const network = readNetwork(config);
  const http = createHttp(undefined, network);
  const git = {
    binary: config.git,
    folder: path.join(config.data, "git"),
    searchPath: searchPath(),
    network,
  };
  const sources = createSources({ http, forges: config, git });
  const timeoutMs = config.fetchTimeout * 1000;
  const available = createCatalog({
    store,
    sources,
    timeoutMs,
    vet: createVetFile(runtimes),
    installed: (namespace) => {
      const plugin = active.get(namespace);
      return plugin && versionOf(plugin);
    },
    listInstalled: () => active.list().map((plugin) => [plugin.namespace, versionOf(plugin)]),
  });
  const configured = createRegistries({ store, sources, forget: available.forget });
  const catalog = refreshOnAllNodes(announceRefreshes(available, configured, events.publish), cluster);
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
  return {
    network,
    http,
    catalog,
    registries,
    refreshAll,
    schedule,
    probeRegistry: createProbe({ sources, forges: config, timeoutMs }),
    close: () => http.close(),
  };
};
