import { HitagiError, type RefreshOutcome, type Registry } from "@hitagi/contract";
import type { Logger } from "pino";
import { repeat, type StopRepeating } from "../async/repeat.ts";
import type { Locks } from "../store/types.ts";
import type { RefreshAll, Registries } from "./types.ts";

export interface RefreshScheduleDeps {
  registries: Pick<Registries, "list">;
  refreshAll: RefreshAll;
  locks: Locks;
  /** Hours after which a registry is refreshed; 0 for never. */
  hours: number;
  log: Pick<Logger, "info" | "warn" | "error">;
  /** Epoch seconds. */
  now: () => number;
  /** From 0 to 1. */
  random?: () => number;
  /** Waits for milliseconds; rejects when the signal aborts. */
  delay?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** Refreshes registries periodically. */
export interface RefreshSchedule {
  start(): void;
  /** Aborts a running refresh and resolves when it has ended. */
  stop(): Promise<void>;
}

/** Seconds after the start without a refresh: the server may restart several times in a row. */
const START_DELAY_S = 60;
/** The longest time between two checks, in seconds: there may be new registries. */
const MAX_DELAY_S = 3600;
/** Seconds to the next check where another server holds the lock. A lock expires earlier if its server dies. */
const LOCKED_DELAY_S = 15;
/** The share of the period by which a refresh may be early or late, to spread the load of many registries. */
const JITTER = 0.1;

/** The time of the last attempt, or of the registry's creation. */
const lastAttempt = ({ created, refreshed = 0, failure }: Registry): number =>
  Math.max(created, refreshed, failure?.at ?? 0);

/**
 * Refreshes each registry when it is due. The registries' records keep the time of the last attempt, so a restart neither
 * forgets nor repeats one. Of several servers on one store, the first to find a registry due refreshes it.
 */
export const createRefreshSchedule = (deps: RefreshScheduleDeps): RefreshSchedule => {
  const { registries, refreshAll, locks, hours, log, now, random = Math.random, delay } = deps;
  const period = hours * 3600;
  const offsets = new Map<string, number>();
  let stop: StopRepeating = async () => {};

  /** The registry's random offset as a share of the period; renewed after each refresh. */
  const offsetOf = (id: string): number => {
    const offset = offsets.get(id) ?? (random() * 2 - 1) * JITTER;
    offsets.set(id, offset);
    return offset;
  };
  const dueAt = (registry: Registry): number => lastAttempt(registry) + period * (1 + offsetOf(registry.id));

  const logOutcomes = (outcomes: RefreshOutcome[]): void => {
    const failed = outcomes.filter(({ code }) => code !== undefined);
    const changed = outcomes.filter((outcome) => outcome.changed).length;
    log.info({ registries: outcomes.length, changed, failed: failed.length }, "registries were refreshed");
    for (const { id, code, error } of failed) log.warn({ registry: id, code }, error);
  };

  const refreshDue = async (signal: AbortSignal): Promise<void> => {
    const due = (await registries.list()).filter((registry) => dueAt(registry) <= now());
    if (due.length === 0) return;
    const ids = new Set(due.map(({ id }) => id));
    logOutcomes(await refreshAll({ which: ({ id }) => ids.has(id), signal }));
    for (const id of ids) offsets.delete(id);
  };

  /** Refreshes the due registries, unless another server does. @returns milliseconds until the next check */
  const checkOnce = async (signal: AbortSignal): Promise<number> => {
    const lock = await locks.tryAcquire("registries:due");
    if (lock === undefined) return LOCKED_DELAY_S * 1000;
    try {
      await refreshDue(signal);
    } finally {
      await lock.release();
    }
    const next = Math.min(...(await registries.list()).map(dueAt));
    return Math.min(MAX_DELAY_S, Math.max(START_DELAY_S, next - now())) * 1000;
  };

  return {
    start() {
      if (hours === 0) return;
      stop = repeat(checkOnce, {
        everyMs: MAX_DELAY_S * 1000,
        firstMs: (START_DELAY_S + random() * Math.min(MAX_DELAY_S, period * JITTER)) * 1000,
        onError: (err) => log.error({ err }, "registries could not be refreshed"),
        wait: delay,
      });
    },
    stop: () => stop(new HitagiError("STOPPING")),
  };
};
