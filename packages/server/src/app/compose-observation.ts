import type { Logger } from "pino";
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
import type { Store } from "../store/types.ts";

/** What sees how the server is used, and the store as everything else gets it: timed. */
export interface Observation {
  metrics: Metrics;
  events: EventBus;
  history: History;
  store: Store;
}

export const createObservation = (
  { historyDays, historyEntries }: Pick<Config, "historyDays" | "historyEntries">,
  log: Logger,
  opened: Store,
): Observation => {
  const metrics = createMetrics();
  const store = measureStore(opened, metrics);
  const { shared } = store;
  const bus = shared ? createSharedBus({ feed: shared.feed, log }) : createInProcessBus();
  const keep = { keepSeconds: historyDays * 86_400, keepEntries: historyEntries };
  const history = createHistory({ store: store.history, log, ...keep });
  const events = observeEvents(bus, [countRefreshes(metrics), recordQuarantines(history)]);
  return { metrics, events, history, store };
};
