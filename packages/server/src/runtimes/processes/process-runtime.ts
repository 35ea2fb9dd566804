import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import { untilAborted, withDeadline } from "../../async/deadline.ts";
import type { CallRequest, PluginCode, Runtime } from "../types.ts";
import { createFleet } from "./fleet.ts";
import type { Launcher } from "./launcher.ts";
import type { PluginProcess } from "./plugin-process.ts";
import { createPool, type Pool } from "./pool.ts";
import { createWarmProcesses } from "./warm.ts";

/** What a runtime takes that runs each plugin version in a process of its own, whatever the language. */
export interface ProcessRuntimeOptions {
  log: Logger;
  /** Megabytes that a plugin may hold, beside what an empty process takes. 256 where not given. */
  memoryMb?: number;
  /** Processes kept started before they are needed; 1 where not given. */
  warm?: number;
  /** Processes in all, warm ones included; beyond them the longest idle one ends first. 32 where not given. */
  maxProcesses?: number;
  /** Milliseconds after which a process that nobody calls ends; five minutes where not given. */
  idleMs?: number;
}

/** What makes a runtime one of its language. */
export interface ProcessRuntimeKind
  extends Pick<Runtime, "name" | "extensions" | "confinement" | "checkPlace"> {
  /** Rejects with an Error of plain words where this machine cannot run such plugins. */
  launcher: Promise<Launcher>;
  /** A plugin's file as the text that its process is sent. */
  sourceText(source: Buffer): string;
  /** Runs a call in a process that has loaded the plugin; answers undefined where the process takes no more. */
  callIn?: (p: PluginProcess, code: PluginCode, request: CallRequest) => Promise<Result | undefined>;
}

/** What a call returned. */
export interface Result {
  value: unknown;
}

/** Megabytes of a plugin where nothing else is said. */
export const DEFAULT_MEMORY_MB = 256;

const DEFAULTS = { memoryMb: DEFAULT_MEMORY_MB, warm: 1, maxProcesses: 32, idleMs: 5 * 60_000 };

const cancelled = (): HitagiError => new HitagiError("PLUGIN_CANCELLED");
const checkFailed = (reason: string, cause?: unknown): HitagiError =>
  new HitagiError("LOAD_CHECK_FAILED", { reason }, { cause });

const callOnce = async (
  pool: Pool,
  { callIn }: ProcessRuntimeKind,
  code: PluginCode,
  request: CallRequest,
): Promise<Result | undefined> => {
  const { timeoutMs, signal } = request;
  if (signal?.aborted) throw cancelled();
  const began = performance.now();
  const onTimeout = () => new HitagiError("PLUGIN_TIMEOUT", { seconds: timeoutMs / 1000 });
  const left = () => Math.max(1, timeoutMs - (performance.now() - began));
  return pool.use(
    pool.open(code),
    (opened) => withDeadline({ timeoutMs, onTimeout }, () => untilAborted(opened, signal, cancelled)),
    async (p) => (callIn ? callIn(p, code, request) : { value: await p.call(code, request, left()) }),
  );
};

/** Calls in the version's process; in the next one where that ended before the call's turn came. */
const callIn: (...args: Parameters<typeof callOnce>) => Promise<unknown> = async (...args) => {
  for (;;) {
    const result = await callOnce(...args);
    if (result) return result.value;
  }
};

const vetIn = async (pool: Pool, code: PluginCode, ms: number, signal?: AbortSignal): Promise<unknown> => {
  const version = pool.open(code);
  const onTimeout = () => checkFailed(`it took longer than ${ms / 1000} s`);
  const onAbort = () => checkFailed("it was cancelled");
  try {
    return await pool.use(
      version,
      (opened) => withDeadline({ timeoutMs: ms, onTimeout }, () => untilAborted(opened, signal, onAbort)),
      async () => structuredClone(version.manifest),
    );
  } catch (e) {
    pool.discard(version, "its load check failed");
    if (isHitagiError(e, "LOAD_FAILED", "LOAD_CHECK_FAILED")) throw e;
    throw checkFailed(e instanceof Error ? e.message : "the sandbox failed", e);
  }
};

/**
 * A runtime over processes that speak the protocol of messages.ts. Starts `warm` of them at once; `stop` must be called
 * for them to end before the server.
 */
export const createProcessRuntime = (kind: ProcessRuntimeKind, options: ProcessRuntimeOptions): Runtime => {
  const { name, extensions, launcher, confinement, checkPlace } = kind;
  const { log, memoryMb, warm: wanted, maxProcesses, idleMs } = { ...DEFAULTS, ...options };
  // Whoever needs it is told; nobody else.
  launcher.catch(() => {});
  const fleet = createFleet({ launcher, memoryMb, maxProcesses, log, sourceText: kind.sourceText });
  const warm = createWarmProcesses(fleet, wanted, log);
  const pool = createPool(fleet, warm, idleMs);
  let calls = 0;
  let inFlight = 0;
  warm.fill();

  return {
    name,
    extensions,
    off: false,
    confinement,
    ...(checkPlace && { checkPlace }),
    unavailable: async () =>
      launcher.then(
        () => undefined,
        (e: unknown) => (e instanceof Error ? e.message : "its processes cannot be started"),
      ),
    vet: (code, timeoutMs, signal) => vetIn(pool, code, timeoutMs, signal),
    call: async (code, request) => {
      calls++;
      inFlight++;
      try {
        return await callIn(pool, kind, code, request);
      } finally {
        inFlight--;
      }
    },
    retire: pool.retire,
    stats: () => ({ processes: fleet.size(), warm: warm.size(), inFlight, calls, crashes: fleet.crashes() }),
    stop: async () => {
      pool.stop();
      await fleet.stop();
      await launcher.then((ready) => ready.dispose()).catch(() => {});
    },
  };
};
