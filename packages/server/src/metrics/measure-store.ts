import type { Store } from "../store/types.ts";
import { codeOf } from "./code.ts";
import type { Metrics } from "./metrics.ts";

type Operation = (...args: unknown[]) => Promise<unknown>;
type Measured = Pick<Metrics, "storeSeconds" | "storeFailures">;

const measured = (operation: Operation, store: string, name: string, metrics: Measured): Operation => {
  const labels = { store, operation: name };
  return async (...args) => {
    const began = performance.now();
    try {
      return await operation(...args);
    } catch (error) {
      metrics.storeFailures.inc({ code: codeOf(error) });
      throw error;
    } finally {
      metrics.storeSeconds.observe(labels, (performance.now() - began) / 1000);
    }
  };
};

/** One part of the store; all that its contract has are asynchronous functions. */
const measuredPart = <T extends object>(part: T, name: string, metrics: Measured): T =>
  Object.fromEntries(
    Object.entries(part).map(([key, operation]) => [
      key,
      measured(operation as Operation, name, key, metrics),
    ]),
  ) as T;

/** A store whose operations are timed; whichever the driver is. */
export const measureStore = (store: Store, metrics: Measured): Store => ({
  ...store,
  registries: measuredPart(store.registries, "registries", metrics),
  catalog: measuredPart(store.catalog, "catalog", metrics),
  plugins: measuredPart(store.plugins, "plugins", metrics),
  jobs: measuredPart(store.jobs, "jobs", metrics),
  archives: measuredPart(store.archives, "archives", metrics),
  keys: measuredPart(store.keys, "keys", metrics),
  history: measuredPart(store.history, "history", metrics),
  cache: measuredPart(store.cache, "cache", metrics),
  locks: measuredPart(store.locks, "locks", metrics),
});
