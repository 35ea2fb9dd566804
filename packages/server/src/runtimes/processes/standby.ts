import type { Logger } from "pino";
import type { GrantedFile } from "../granted-files.ts";
import type { PluginProcess } from "./plugin-process.ts";
import type { ProcessPool } from "./process-pool.ts";

/** Failed starts in a row after which no more are made until a process is needed. */
const MAX_FAILED = 3;

/** Milliseconds between taking a process and starting the next: a start would slow down the work it was taken for. */
const REFILL_DELAY = 100;

/** Processes started before they are needed, without a plugin. @param wanted the number of them to keep */
export const createStandby = (pool: ProcessPool, wanted: number, log: Logger) => {
  const waiting: Promise<PluginProcess>[] = [];
  let failed = 0;
  let refilling = false;

  const start = async (evict: () => void, files?: readonly GrantedFile[]): Promise<PluginProcess> => {
    const started = await pool.start(evict, files);
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
      throw new Error("the process pool is full");
    });
    waiting.push(entry);
    entry.then(
      (started) => started.gone.then(() => remove(entry)),
      (err: unknown) => {
        remove(entry);
        if (!pool.hasRoom()) return;
        failed++;
        log.warn({ err }, "a standby process could not be started");
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
    const missing = wanted - waiting.length;
    for (let n = 0; n < missing && failed < MAX_FAILED && pool.hasRoom(); n++) add();
  };

  const refill = (): void => {
    if (refilling) return;
    refilling = true;
    setTimeout(() => {
      refilling = false;
      fill();
    }, REFILL_DELAY).unref();
  };

  return {
    /** A standby process, or a new one, as one that sees files always is. @throws Error if none can be started */
    take: async (evict: () => void, files?: readonly GrantedFile[]): Promise<PluginProcess> => {
      if (files) return start(evict, files);
      const taken = (await next()) ?? (await start(evict));
      refill();
      return taken;
    },
    fill,
    /** Includes those that are still starting. */
    size: (): number => waiting.length,
  };
};
export type StandbyProcesses = ReturnType<typeof createStandby>;
