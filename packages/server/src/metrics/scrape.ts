import type { JobState } from "@hitagi/contract";
import type { ActivePlugins } from "../plugins/types.ts";
import type { Runtime } from "../runtimes/types.ts";
import type { Store } from "../store/types.ts";
import type { Metrics } from "./metrics.ts";

export interface ScrapeSources {
  runtimes: readonly Runtime[];
  active: Pick<ActivePlugins, "list">;
  store: { readonly jobs: Pick<Store["jobs"], "inStates"> };
}

const readRuntimes = ({ processes, warm, inFlight, crashes }: Metrics, { runtimes }: ScrapeSources): void => {
  crashes.reset();
  for (const { name: runtime, disabled, stats } of runtimes) {
    if (disabled) continue;
    const now = stats();
    processes.set({ runtime }, now.processes);
    warm.set({ runtime }, now.standby);
    inFlight.set({ runtime }, now.inFlight);
    crashes.inc({ runtime }, now.crashes);
  }
};

const countBy = <T>(items: readonly T[], labelsOf: (item: T) => string): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(labelsOf(item), (counts.get(labelsOf(item)) ?? 0) + 1);
  return counts;
};

const readPlugins = ({ plugins: gauge }: Metrics, { active }: ScrapeSources): void => {
  gauge.reset();
  const counts = countBy(active.list(), (plugin) => plugin.health.state);
  for (const [health, count] of counts) gauge.set({ health }, count);
};

const readJobs = async ({ jobs: gauge }: Metrics, { store }: ScrapeSources): Promise<void> => {
  gauge.reset();
  const waiting: JobState[] = ["inactive", "active"];
  // The other metrics are needed most while the store fails; its failures have a counter of their own.
  const jobs = await store.jobs.inStates(...waiting).catch(() => []);
  for (const [key, count] of countBy(jobs, ({ task, state }) => `${task} ${state}`)) {
    const [task = "", state = ""] = key.split(" ");
    gauge.set({ task, state }, count);
  }
};

/** The metrics in Prometheus' text form, with its media type, once the gauges are read. */
export const scrape = async (
  metrics: Metrics,
  sources: ScrapeSources,
): Promise<{ type: string; text: string }> => {
  readRuntimes(metrics, sources);
  readPlugins(metrics, sources);
  await readJobs(metrics, sources);
  return { type: metrics.registry.contentType, text: await metrics.registry.metrics() };
};
