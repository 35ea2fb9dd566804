import { setTimeout as delayFor } from "node:timers/promises";
import { HitagiError, type RefreshOutcome, type Registry } from "@hitagi/contract";
import type { Logger } from "pino";
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

/** Refreshes registries by the clock. */
export interface RefreshSchedule {
  start(): void;
  /** Ends what runs, and resolves when it has ended. */
  stop(): Promise<void>;
}

/** Seconds that a server leaves alone after its start: it may be restarted again and again. */
const QUIET_S = 60;
/** Seconds after which the registries are looked at again at the latest: new ones may have come. */
const LOOK_S = 3600;
/** Seconds after which a server looks again that found another at it, which may have died: longer than a lock outlives it. */
const BUSY_S = 15;
/** How much of the period a refresh may come earlier or later, so that servers and registries spread. */
const JITTER = 0.1;

const idle = (ms: number, signal: AbortSignal): Promise<unknown> =>
  delayFor(ms, undefined, { signal, ref: false });

/** When it was last refreshed or tried; a registry that never was counts from its creation. */
const lastTried = ({ created, refreshed = 0, failure }: Registry): number =>
  Math.max(created, refreshed, failure?.at ?? 0);

/**
 * Refreshes each registry when its time has come. What was done last stands in the registries' records, so that a restart
 * neither forgets nor repeats it; what became due meanwhile is done after a while, not at once. Of several servers on one store the first
 * for whom a registry is due refreshes it.
 */
export const createRefreshSchedule = (deps: RefreshScheduleDeps): RefreshSchedule => {
  const { registries, refreshAll, locks, hours, log, now, random = Math.random, delay = idle } = deps;
  const period = hours * 3600;
  const stopping = new AbortController();
  const { signal } = stopping;
  const shifts = new Map<string, number>();
  let running: Promise<void> = Promise.resolve();

  /** The share of the period by which a registry is off; drawn anew after each refresh. */
  const shiftOf = (id: string): number => {
    const shift = shifts.get(id) ?? (random() * 2 - 1) * JITTER;
    shifts.set(id, shift);
    return shift;
  };
  const dueAt = (registry: Registry): number => lastTried(registry) + period * (1 + shiftOf(registry.id));

  const tell = (outcomes: RefreshOutcome[]): void => {
    const failed = outcomes.filter(({ code }) => code !== undefined);
    const changed = outcomes.filter((outcome) => outcome.changed).length;
    log.info({ registries: outcomes.length, changed, failed: failed.length }, "registries were refreshed");
    for (const { id, code, error } of failed) log.warn({ registry: id, code }, error);
  };

  const refreshDue = async (): Promise<void> => {
    const due = (await registries.list()).filter((registry) => dueAt(registry) <= now());
    if (due.length === 0) return;
    const ids = new Set(due.map(({ id }) => id));
    tell(await refreshAll({ which: ({ id }) => ids.has(id), signal }));
    for (const id of ids) shifts.delete(id);
  };

  /** Refreshes what is due, unless another server is at it. @returns seconds until the next look */
  const round = async (): Promise<number> => {
    const lock = await locks.tryAcquire("registries:due");
    if (lock === undefined) return BUSY_S;
    try {
      await refreshDue();
    } finally {
      await lock.release();
    }
    const next = Math.min(...(await registries.list()).map(dueAt));
    return Math.min(LOOK_S, Math.max(QUIET_S, next - now()));
  };

  const run = async (): Promise<void> => {
    let seconds = QUIET_S + random() * Math.min(LOOK_S, period * JITTER);
    while (!signal.aborted) {
      try {
        await delay(seconds * 1000, signal);
        seconds = await round();
      } catch (err) {
        if (signal.aborted) return;
        log.error({ err }, "registries could not be refreshed");
        seconds = LOOK_S;
      }
    }
  };

  return {
    start() {
      if (hours > 0) running = run();
    },
    async stop() {
      stopping.abort(new HitagiError("STOPPING"));
      await running;
    },
  };
};
