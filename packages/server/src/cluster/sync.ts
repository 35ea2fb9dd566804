import { HitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import { coalesce } from "../async/coalesce.ts";
import { createLease } from "../async/lease.ts";
import { createOutage } from "../async/outage.ts";
import type { News, NodeSelf, Nodes, Revision, Topic } from "../store/types.ts";
import type { ApplyChanges, Load } from "./types.ts";

const RETRY_MS = 10_000;

/** The changes that could not be applied, until they can. */
interface RetrySet {
  /** What is to be applied now: new changes, and every 10 s those that failed. */
  with(changed: News["changed"]): News["changed"];
  /** Notes which of the tried changes failed. */
  keep(tried: News["changed"], failed: readonly Topic[]): void;
}

export const createRetrySet = (): RetrySet => {
  const waiting = new Set<Topic>();
  let failedAt = Number.NEGATIVE_INFINITY;
  return {
    with: (changed) => {
      if (changed === "all" || waiting.size === 0 || performance.now() - failedAt < RETRY_MS) return changed;
      return [...new Set([...changed, ...waiting])];
    },
    keep: (tried, failed) => {
      for (const topic of tried === "all" ? [...waiting] : tried) waiting.delete(topic);
      for (const topic of failed) waiting.add(topic);
      if (failed.length > 0) failedAt = performance.now();
    },
  };
};

interface SyncDeps {
  nodes: Pick<Nodes, "leaseMs" | "sync" | "revision">;
  /** What this node tells of itself now. */
  self: () => NodeSelf;
  log: Pick<Logger, "info" | "warn">;
}

/** Brings this node's memory up to date with the store, and holds its lease. */
export interface Sync {
  /** Whether memory surely agrees with the store. */
  isFresh(): boolean;
  /** A step that begins after this call. @returns whether there were changes @throws what the store throws, or STOPPING */
  step(): Promise<boolean>;
  /** Steps until there are no more changes. Failures are logged once an outage. */
  catchUp(): Promise<void>;
  /** The newest revision that is applied here. */
  revision(): number;
  /** Whether other nodes were on the store at the last step. */
  hasOthers(): boolean;
  failed(error: unknown): void;
  start(load: Load, applyChanges: ApplyChanges): Promise<void>;
  /** Memory counts as stale afterwards. Resolves when no step runs. */
  stop(): Promise<void>;
}

export const createSync = ({ nodes, self, log }: SyncDeps): Sync => {
  const lease = createLease(nodes.leaseMs);
  const outage = createOutage({
    onBegin: (err) =>
      log.warn({ err }, "the store cannot be asked for changes; calls are refused until it can"),
    onEnd: () => log.info("the store can be asked for changes again"),
  });
  const retries = createRetrySet();
  let apply: ApplyChanges = async () => [];
  let applied: Revision = { revision: 0, mark: "" };
  let hasOthers = true;
  let stopped = false;

  /** The next step tells the other nodes what this one applied. */
  const steps = coalesce(async (): Promise<boolean> => {
    // A query would register this node again.
    if (stopped) throw new HitagiError("STOPPING");
    const asked = lease.mark();
    const { changed, hasOthers: found, ...newest } = await nodes.sync(self(), applied);
    const due = retries.with(changed);
    if (due.length > 0) retries.keep(due, await apply(due));
    applied = newest;
    hasOthers = found;
    lease.from(asked);
    outage.succeeded();
    return changed === "all" || changed.length > 0;
  });
  const failed = (error: unknown): void => {
    if (!stopped) outage.failed(error);
  };

  return {
    isFresh: () => lease.holds() && !stopped,
    step: steps.next,
    catchUp: async () => {
      try {
        while ((await steps.next()) && !stopped);
      } catch (error) {
        failed(error);
      }
    },
    revision: () => applied.revision,
    hasOthers: () => hasOthers,
    failed,
    start: async (load, applyChanges) => {
      apply = applyChanges;
      applied = await nodes.revision();
      retries.keep([], await load());
      while (await steps.next());
    },
    stop: async () => {
      stopped = true;
      await steps.ended();
    },
  };
};
