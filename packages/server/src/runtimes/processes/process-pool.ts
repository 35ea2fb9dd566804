import { HitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import { createDeferred } from "../../async/deferred.ts";
import type { GrantedFile } from "../granted-files.ts";
import { watchMemory } from "./memory-watch.ts";
import { createPluginProcess, type PluginProcess } from "./plugin-process.ts";
import type { Launcher } from "./sandbox-process.ts";

const MB = 1024 * 1024;

/** Megabytes of an empty process, and of V8 beside its heap. */
const PROCESS_MB = 64;

/** Milliseconds in which a cancelled or timed-out call must end. */
const GRACE_MS = 2000;

export interface ProcessPoolOptions {
  launcher: Promise<Launcher>;
  memoryMb: number;
  maxProcesses: number;
  log: Logger;
}

/** All processes of a runtime, at most `maxProcesses`. */
export const createProcessPool = (options: ProcessPoolOptions) => {
  const { launcher, memoryMb, maxProcesses, log } = options;
  const processes = new Set<PluginProcess>();
  let crashes = 0;
  let waiting = 0;
  let stopped = false;
  let ready: Launcher | undefined;
  let change = createDeferred<void>();

  const killAll = (): void => {
    for (const p of processes) p.kill("the server stopped");
  };
  // An idle server has only processes without a plugin: it reads nothing then.
  const stopWatch = watchMemory(() => [...processes].filter((p) => p.hasPlugin()), {
    memory: (memoryMb + PROCESS_MB) * MB,
    fault: (tree) => ready?.fault?.(tree),
    isComplete: (tree) => ready?.isComplete?.(tree) ?? false,
  });
  // For a server that exits without stopping its runtimes.
  process.once("exit", killAll);

  const notify = (): void => {
    if (waiting === 0) return;
    change.resolve();
    change = createDeferred();
  };

  const nextChange = async (): Promise<void> => {
    waiting++;
    await change.promise.finally(() => waiting--);
  };

  const onCrash = (): void => {
    crashes++;
  };

  return {
    /** Starts a process; in a full pool, evicts an idle one and waits. @throws HitagiError STOPPING */
    start: async (evict: () => void, files?: readonly GrantedFile[]): Promise<PluginProcess> => {
      ready = await launcher;
      // No await between this check and the start, or several starts would take the same place.
      while (processes.size >= maxProcesses) {
        evict();
        await nextChange();
      }
      if (stopped) throw new HitagiError("STOPPING");
      const started = createPluginProcess(ready.start(files), { log, graceMs: GRACE_MS, onCrash });
      processes.add(started);
      void started.gone.then(() => {
        processes.delete(started);
        notify();
      });
      return started;
    },
    size: () => processes.size,
    hasRoom: () => !stopped && processes.size < maxProcesses,
    /** Wakes starts that wait: a process may have become idle. */
    notify,
    crashes: () => crashes,
    /** Ends all processes and waits until they have exited. */
    stop: async (): Promise<void> => {
      stopped = true;
      stopWatch();
      process.off("exit", killAll);
      killAll();
      await Promise.all([...processes].map((p) => p.gone));
    },
  };
};
export type ProcessPool = ReturnType<typeof createProcessPool>;
