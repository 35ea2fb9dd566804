import { hostname } from "node:os";
import type { Logger } from "pino";
import { leaseRegistries } from "../cluster/leased-registries.ts";
import type { Cluster } from "../cluster/types.ts";
import type { Config } from "../config/config.ts";
import { createInProcessBus } from "../events/in-process.ts";
import { createSharedBus } from "../events/shared.ts";
import { type EventBus, observeEvents } from "../events/types.ts";
import { createHistory } from "../history/history.ts";
import { recordQuarantines } from "../history/record.ts";
import type { History } from "../history/types.ts";
import { measureStore } from "../metrics/measure.ts";
import { createMetrics, type Metrics } from "../metrics/metrics.ts";
import { countRefreshes } from "../metrics/observers.ts";
import { createPluginLogs } from "../plugin-logs/plugin-logs.ts";
import type { PluginLogs } from "../plugin-logs/types.ts";
import type { Store } from "../store/types.ts";

const DAY = 86_400;
const MB = 1024 * 1024;

/** What sees how the server is used, and the store as everything else gets it: timed, with registries in memory. */
export interface Observation {
  metrics: Metrics;
  events: EventBus;
  history: History;
  pluginLogs: PluginLogs;
  store: Store;
  /** Makes the next reads of registries ask the store. */
  forgetRegistries: () => void;
}

export const createObservation = (
  config: Pick<Config, "historyDays" | "historyEntries" | "logDays" | "logSize">,
  log: Logger,
  opened: Store,
  cluster: Cluster,
): Observation => {
  const metrics = createMetrics();
  const { store, forget } = leaseRegistries(measureStore(opened, metrics), cluster);
  const { shared } = store;
  const bus = shared ? createSharedBus({ feed: shared.feed, log }) : createInProcessBus();
  const keep = { keepSeconds: config.historyDays * DAY, keepEntries: config.historyEntries };
  const history = createHistory({
    store: store.history,
    log,
    ...keep,
    names: {
      archive: async (id) => (await store.archives.get(id))?.title,
      registry: async (id) => (await store.registries.get(id))?.name,
      category: async (id) => (await store.categories.get(id))?.name,
    },
  });
  const pluginLogs = createPluginLogs({
    store: store.pluginLogs,
    node: hostname(),
    keepSeconds: config.logDays * DAY,
    keepBytes: config.logSize * MB,
    log,
  });
  const events = observeEvents(bus, [countRefreshes(metrics), recordQuarantines(history)]);
  return { metrics, events, history, pluginLogs, store, forgetRegistries: forget };
};
