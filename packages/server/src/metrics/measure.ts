import { errorCodeOf } from "@hitagi/contract";
import type { Runtime } from "../runtimes/types.ts";
import type { SharedStore, Store } from "../store/types.ts";
import { wrapMethods } from "../wrap-methods.ts";
import type { Metrics } from "./metrics.ts";

/** A runtime whose calls are timed and whose failures are counted, by plugin. */
export const measureRuntime = (
  runtime: Runtime,
  { pluginSeconds, pluginFailures }: Pick<Metrics, "pluginSeconds" | "pluginFailures">,
): Runtime =>
  wrapMethods(runtime, {
    call: (call) => async (code, request) => {
      const plugin = code.namespace;
      const began = performance.now();
      try {
        return await call(code, request);
      } catch (error) {
        pluginFailures.inc({ plugin, code: errorCodeOf(error) });
        throw error;
      } finally {
        pluginSeconds.of({ plugin }).observe((performance.now() - began) / 1000);
      }
    },
    name: "unchanged",
    extensions: "unchanged",
    disabled: "unchanged",
    unavailable: "unchanged",
    confinement: "unchanged",
    checkPath: "unchanged",
    vet: "unchanged",
    retire: "unchanged",
    stats: "unchanged",
    stop: "unchanged",
  });

type Operation = (...args: unknown[]) => Promise<unknown>;
type Measured = Pick<Metrics, "storeSeconds" | "storeFailures">;

/** `T` if all its members are asynchronous methods; else a type that no value has. */
type Operations<T> = {
  [K in keyof T]: NonNullable<T[K]> extends (...args: never[]) => Promise<unknown> ? T[K] : never;
};

const measureOperation = (
  operation: Operation,
  store: string,
  name: string,
  metrics: Measured,
): Operation => {
  const timing = metrics.storeSeconds.of({ store, operation: name });
  return async (...args) => {
    const began = performance.now();
    try {
      return await operation(...args);
    } catch (error) {
      metrics.storeFailures.inc({ code: errorCodeOf(error) });
      throw error;
    } finally {
      timing.observe((performance.now() - began) / 1000);
    }
  };
};

/** A store whose operations are timed. A part with a member that is no asynchronous method does not compile. */
export const measureStore = (opened: Store, metrics: Measured): Store => {
  const measured =
    (label: string) =>
    <T extends object>(part: T & Operations<T>): T =>
      Object.fromEntries(
        Object.entries(part).map(([name, operation]) => [
          name,
          measureOperation(operation as Operation, label, name, metrics),
        ]),
      ) as T;
  const measuredNodes = ({ leaseMs, follow, ...operations }: SharedStore["nodes"]): SharedStore["nodes"] => ({
    leaseMs,
    follow,
    ...measured("nodes")(operations),
  });
  const measuredShared = (shared: SharedStore): SharedStore =>
    wrapMethods(shared, {
      id: "unchanged",
      // Following a feed waits for events, which is no time of the store.
      feed: "unchanged",
      nodes: measuredNodes,
      claims: measured("claims"),
      rateLimiter: measured("turns"),
      requests: measured("requests"),
      artifacts: measured("artifacts"),
      pendingArtifacts: measured("unrecorded"),
    });
  return wrapMethods(opened, {
    registries: measured("registries"),
    catalog: measured("catalog"),
    plugins: measured("plugins"),
    jobs: measured("jobs"),
    batches: measured("batches"),
    archives: measured("archives"),
    known: measured("known"),
    keys: measured("keys"),
    history: measured("history"),
    cache: measured("cache"),
    locks: measured("locks"),
    shared: measuredShared,
    check: "unchanged",
    faults: "unchanged",
    copy: "unchanged",
    close: "unchanged",
  });
};
