import type { Nodes, SharedStore, Store } from "../store/types.ts";
import { codeOf } from "./code.ts";
import type { Metrics } from "./metrics.ts";

type Operation = (...args: unknown[]) => Promise<unknown>;
type Measured = Pick<Metrics, "storeSeconds" | "storeFailures">;

const measured = (operation: Operation, store: string, name: string, metrics: Measured): Operation => {
  const timing = metrics.storeSeconds.of({ store, operation: name });
  return async (...args) => {
    const began = performance.now();
    try {
      return await operation(...args);
    } catch (error) {
      metrics.storeFailures.inc({ code: codeOf(error) });
      throw error;
    } finally {
      timing.observe((performance.now() - began) / 1000);
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

/** Being told of changes is no operation. */
const measuredNodes = ({ leaseMs, follow, ...asked }: Nodes, metrics: Measured): Nodes => ({
  leaseMs,
  follow,
  ...measuredPart(asked, "nodes", metrics),
});

/** Waiting for the feed is no operation that takes long. */
const measuredShared = (
  { id, nodes, claims, feed, rateLimiter, requests, artifacts, pendingArtifacts }: SharedStore,
  metrics: Measured,
): SharedStore => ({
  id,
  feed,
  nodes: measuredNodes(nodes, metrics),
  claims: measuredPart(claims, "claims", metrics),
  rateLimiter: measuredPart(rateLimiter, "turns", metrics),
  requests: measuredPart(requests, "requests", metrics),
  artifacts: measuredPart(artifacts, "artifacts", metrics),
  pendingArtifacts: measuredPart(pendingArtifacts, "unrecorded", metrics),
});

/** A store whose operations are timed; whichever the driver is. */
export const measureStore = (
  { check, faults, copy, close, shared, ...parts }: Store,
  metrics: Measured,
): Store => ({
  ...(Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [name, measuredPart(part, name, metrics)]),
  ) as typeof parts),
  ...(shared && { shared: measuredShared(shared, metrics) }),
  check,
  faults,
  copy,
  close,
});
