import { HitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import { createDeferred } from "../../async/deferred.ts";
import type { Launcher } from "./launcher.ts";
import { watchMemory } from "./memory.ts";
import { createPluginProcess, type PluginProcess } from "./plugin-process.ts";

const MB = 1024 * 1024;

/** What an empty process holds for itself, and V8 beside its heap, in megabytes. */
const PROCESS_MB = 64;

/** Milliseconds that a call which was cancelled or ran out of time has to come to its end. */
const GRACE_MS = 2000;

export interface FleetOptions {
  launcher: Promise<Launcher>;
  memoryMb: number;
  maxProcesses: number;
  log: Logger;
  sourceText: (source: Buffer) => string;
}

/** Every process that there is, whatever it does. */
export interface Fleet {
  /**
   * Starts one; waits for room where there are as many as allowed, having told `free` to end an idle one.
   * @throws HitagiError STOPPING
   */
  start(free: () => void): Promise<PluginProcess>;
  size(): number;
  /** Whether one more may be started now. */
  hasRoom(): boolean;
  /** Something ended that a start may be waiting for. */
  changed(): void;
  crashes(): number;
  /** Ends all of them and waits until they are gone. */
  stop(): Promise<void>;
}

export const createFleet = (options: FleetOptions): Fleet => {
  const { launcher, memoryMb, maxProcesses, log, sourceText } = options;
  const processes = new Set<PluginProcess>();
  let crashes = 0;
  let waiting = 0;
  let stopped = false;
  let change = createDeferred<void>();

  const killAll = (): void => {
    for (const p of processes) p.kill("the server stopped");
  };
  const stopWatch = watchMemory(() => [...processes], (memoryMb + PROCESS_MB) * MB);
  // Whoever ends this server without stopping the runtime leaves no process all the same.
  process.once("exit", killAll);

  const changed = (): void => {
    if (waiting === 0) return;
    change.resolve();
    change = createDeferred();
  };

  const nextChange = async (): Promise<void> => {
    waiting++;
    await change.promise.finally(() => waiting--);
  };

  const add = (p: PluginProcess): PluginProcess => {
    processes.add(p);
    void p.gone.then(() => {
      processes.delete(p);
      changed();
    });
    return p;
  };

  return {
    start: async (free) => {
      const ready = await launcher;
      // Between the look for room and the start nothing may be awaited, or several would take the same room.
      while (processes.size >= maxProcesses) {
        free();
        await nextChange();
      }
      if (stopped) throw new HitagiError("STOPPING");
      return add(
        createPluginProcess(ready.start(), { log, sourceText, graceMs: GRACE_MS, onCrash: () => crashes++ }),
      );
    },
    size: () => processes.size,
    hasRoom: () => !stopped && processes.size < maxProcesses,
    changed,
    crashes: () => crashes,
    stop: async () => {
      stopped = true;
      stopWatch();
      process.off("exit", killAll);
      killAll();
      await Promise.all([...processes].map((p) => p.gone));
    },
  };
};
