import type { JobState } from "@hitagi/contract";
import type { ActivePlugins } from "../plugins/types.ts";
import type { Services } from "../services.ts";
import type { Metrics } from "./metrics.ts";

/** What is asked how things stand. */
export interface Asked extends Pick<Services, "runtimes" | "store"> {
  active: Pick<ActivePlugins, "list">;
}

const readRuntimes = ({ processes, warm, inFlight, crashes }: Metrics, { runtimes }: Asked): void => {
  crashes.reset();
  for (const { name: runtime, off, stats } of runtimes) {
    if (off) continue;
    const now = stats();
    processes.set({ runtime }, now.processes);
    warm.set({ runtime }, now.warm);
    inFlight.set({ runtime }, now.inFlight);
    crashes.inc({ runtime }, now.crashes);
  }
};

const countBy = <T>(items: readonly T[], labelsOf: (item: T) => string): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(labelsOf(item), (counts.get(labelsOf(item)) ?? 0) + 1);
  return counts;
};

const readPlugins = ({ plugins: gauge }: Metrics, { active }: Asked): void => {
  gauge.reset();
  const counts = countBy(active.list(), (plugin) => plugin.health.state);
  for (const [health, count] of counts) gauge.set({ health }, count);
};

const readJobs = async ({ jobs: gauge }: Metrics, { store }: Asked): Promise<void> => {
  gauge.reset();
  const waiting: JobState[] = ["inactive", "active"];
  // Where the store fails the rest is needed all the more; that it does is counted by whoever measures it.
  const jobs = await store.jobs.inStates(...waiting).catch(() => []);
  for (const [key, count] of countBy(jobs, ({ task, state }) => `${task} ${state}`)) {
    const [task = "", state = ""] = key.split(" ");
    gauge.set({ task, state }, count);
  }
};

/** The metrics as they are now, in Prometheus' text form, with its media type. What only stands somewhere is read here. */
export const scrape = async (metrics: Metrics, services: Asked): Promise<{ type: string; text: string }> => {
  readRuntimes(metrics, services);
  readPlugins(metrics, services);
  await readJobs(metrics, services);
  return { type: metrics.registry.contentType, text: await metrics.registry.metrics() };
};
