import { errorCodeOf } from "@hitagi/contract";
import type { Runtime } from "../runtimes/types.ts";
import type { Store } from "../store/types.ts";
import { unchanged, wrapMethods } from "../wrap-methods.ts";
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
    ...unchanged(
      "name",
      "extensions",
      "disabled",
      "unavailable",
      "confinement",
      "checkPath",
      "vet",
      "retire",
      "stats",
      "stop",
    ),
  });

type Operation = (...args: unknown[]) => Promise<unknown>;
type Measured = Pick<Metrics, "storeSeconds" | "storeFailures">;

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

/** Methods that are not measured: to follow is to wait for changes, which is no time of the store. */
const UNMEASURED: ReadonlySet<string> = new Set(["follow"]);
/** Labels that differ from the name of the part. */
const LABELS: Readonly<Record<string, string>> = { rateLimiter: "turns", pendingArtifacts: "unrecorded" };

const mapValues = <T extends object>(target: T, change: (value: unknown, key: string) => unknown): T =>
  Object.fromEntries(Object.entries(target).map(([key, value]) => [key, change(value, key)])) as T;

/** A store with the operations of each part timed. A new part or operation is timed too. */
export const measureStore = (opened: Store, metrics: Measured): Store => {
  const measurePart = (part: object, label: string): object =>
    mapValues(part, (member, name) =>
      typeof member === "function" && !UNMEASURED.has(name)
        ? measureOperation(member as Operation, label, name, metrics)
        : member,
    );
  const measureParts = <T extends object>(parts: T): T =>
    mapValues(parts, (part, name) =>
      typeof part === "object" && part !== null ? measurePart(part, LABELS[name] ?? name) : part,
    );
  const { shared } = opened;
  // The methods of a feed wait for events or call nothing.
  return {
    ...measureParts(opened),
    ...(shared && { shared: { ...measureParts(shared), feed: shared.feed } }),
  };
};
