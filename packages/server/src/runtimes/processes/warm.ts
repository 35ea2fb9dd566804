import type { Logger } from "pino";
import type { Fleet } from "./fleet.ts";
import type { PluginProcess } from "./plugin-process.ts";

/** Starts in a row that failed, after which no more are made ahead until one is asked for. */
const MAX_FAILED = 3;

/**
 * Milliseconds after one was taken until the next is started: whoever took it is at work, and starting a process takes
 * as much of the machine as an install.
 */
const REFILL_REST = 100;

/** Processes that are started before they are needed, empty, all alike. */
export interface WarmProcesses {
  /**
   * One that waits for a plugin, started ahead or now. Some time later the next is started ahead.
   * @throws Error where none can be started
   */
  take(free: () => void): Promise<PluginProcess>;
  /** Starts as many as are missing. */
  fill(): void;
  /** Those that are ready or nearly so. */
  size(): number;
}

export const createWarmProcesses = (fleet: Fleet, wanted: number, log: Logger): WarmProcesses => {
  const waiting: Promise<PluginProcess>[] = [];
  let failed = 0;

  const start = async (free: () => void): Promise<PluginProcess> => {
    const started = await fleet.start(free);
    await started.ready;
    failed = 0;
    return started;
  };

  const remove = (entry: Promise<PluginProcess>): void => {
    const at = waiting.indexOf(entry);
    if (at >= 0) waiting.splice(at, 1);
  };

  const add = (): void => {
    const entry = start(() => {
      throw new Error("there is no room for a sandbox ahead of need");
    });
    waiting.push(entry);
    entry.then(
      (started) => started.gone.then(() => remove(entry)),
      (err: unknown) => {
        remove(entry);
        if (!fleet.hasRoom()) return;
        failed++;
        log.warn({ err }, "a sandbox could not be started ahead");
      },
    );
  };

  const next = async (): Promise<PluginProcess | undefined> => {
    for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
      const found = await entry.catch(() => undefined);
      if (found?.usable()) return found;
    }
    return undefined;
  };

  const fill = (): void => {
    for (
      let missing = wanted - waiting.length;
      missing > 0 && failed < MAX_FAILED && fleet.hasRoom();
      missing--
    )
      add();
  };

  let resting = false;
  const fillLater = (): void => {
    if (resting) return;
    resting = true;
    const end = (): void => {
      resting = false;
      fill();
    };
    setTimeout(end, REFILL_REST).unref();
  };

  return {
    take: async (free) => {
      const taken = (await next()) ?? (await start(free));
      fillLater();
      return taken;
    },
    fill,
    size: () => waiting.length,
  };
};
