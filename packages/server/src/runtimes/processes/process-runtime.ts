import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import { untilAborted, withDeadline } from "../../async/deadline.ts";
import type { CallRequest, PluginCode, PluginModule, Runtime } from "../types.ts";
import { CallMoved } from "./held-up-calls.ts";
import type { PluginProcess } from "./plugin-process.ts";
import { createProcessPool } from "./process-pool.ts";
import type { Launcher } from "./sandbox-process.ts";
import { createStandby } from "./standby.ts";
import { createVersionPool, type VersionPool } from "./version-pool.ts";

/** Options of every runtime whose plugin versions run in processes of their own. */
export interface ProcessRuntimeOptions {
  log: Logger;
  /** Megabytes for a plugin, beside those of an empty process; 256 by default. */
  memoryMb?: number;
  /** Processes kept on standby; 1 by default. */
  standby?: number;
  /** Processes in all; if there are more, the one idle for longest ends. 32 by default. */
  maxProcesses?: number;
  /** Milliseconds after which an unused process ends; five minutes by default. */
  idleMs?: number;
}

/** What differs between the languages. */
export interface ProcessRuntimeKind
  extends Pick<Runtime, "name" | "extensions" | "confinement" | "checkPath"> {
  /** Settles when it is known that this machine can run such plugins; rejects with an Error for the server's owner if not. */
  available: Promise<unknown>;
  launcher: Promise<Launcher>;
  /** A plugin's file as the text that its process is sent. @throws HitagiError LOAD_FAILED */
  sourceText(code: PluginCode): string | Promise<string>;
  /** The packages of other plugins that a plugin uses in its process. */
  modulesOf?: (code: PluginCode) => readonly PluginModule[];
  /** Runs a call in a process that has loaded the plugin; undefined if the process takes no more calls. */
  callIn?: (p: PluginProcess, code: PluginCode, request: CallRequest) => Promise<CallResult | undefined>;
}

export interface CallResult {
  value: unknown;
}

export const DEFAULT_MEMORY_MB = 256;

const DEFAULTS = { memoryMb: DEFAULT_MEMORY_MB, standby: 1, maxProcesses: 32, idleMs: 5 * 60_000 };

const cancelled = (): HitagiError => new HitagiError("PLUGIN_CANCELLED");
const checkFailed = (reason: string, cause?: unknown): HitagiError =>
  new HitagiError("LOAD_CHECK_FAILED", { reason }, { cause });

const callOnce = async (
  versions: VersionPool,
  { callIn }: ProcessRuntimeKind,
  code: PluginCode,
  request: CallRequest,
): Promise<CallResult | undefined> => {
  const { timeoutMs, signal } = request;
  if (signal?.aborted) throw cancelled();
  const began = performance.now();
  const { namespace } = code;
  const onTimeout = () => new HitagiError("PLUGIN_TIMEOUT", { namespace, seconds: timeoutMs / 1000 });
  const left = () => Math.max(1, timeoutMs - (performance.now() - began));
  return versions
    .use(
      versions.open(code, request),
      (opened) => withDeadline({ timeoutMs, onTimeout }, () => untilAborted(opened, signal, cancelled)),
      async (p) => (callIn ? callIn(p, code, request) : { value: await p.call(code, request, left()) }),
    )
    .catch((error: unknown) => {
      if (error instanceof CallMoved) return undefined;
      throw error;
    });
};

const vetIn = async (
  versions: VersionPool,
  code: PluginCode,
  ms: number,
  signal?: AbortSignal,
): Promise<unknown> => {
  const version = versions.open(code);
  const onTimeout = () => checkFailed(`it took longer than ${ms / 1000} s`);
  const onAbort = () => checkFailed("it was cancelled");
  try {
    return await versions.use(
      version,
      (opened) => withDeadline({ timeoutMs: ms, onTimeout }, () => untilAborted(opened, signal, onAbort)),
      async () => structuredClone(version.manifest),
    );
  } catch (e) {
    versions.discard(version, "its load check failed");
    if (isHitagiError(e, "LOAD_FAILED", "LOAD_CHECK_FAILED")) throw e;
    throw checkFailed(e instanceof Error ? e.message : "the sandbox failed", e);
  }
};

/** A runtime over processes that speak the protocol of messages.ts. Its processes end only with `stop`. */
export const createProcessRuntime = (kind: ProcessRuntimeKind, options: ProcessRuntimeOptions): Runtime => {
  const { name, extensions, available, launcher, confinement, checkPath } = kind;
  const { sourceText, modulesOf = () => [] } = kind;
  const { log, memoryMb, standby: wanted, maxProcesses, idleMs } = { ...DEFAULTS, ...options };
  // Their failure is reported to those who call the runtime.
  available.catch(() => {});
  launcher.catch(() => {});
  const processes = createProcessPool({ launcher, memoryMb, maxProcesses, log });
  const standby = createStandby(processes, wanted, log);
  const versions = createVersionPool({ processes, standby, sourceText, modulesOf, idleMs });
  let calls = 0;
  let inFlight = 0;
  standby.fill();

  return {
    name,
    extensions,
    disabled: false,
    confinement,
    ...(checkPath && { checkPath }),
    unavailable: async () =>
      available.then(
        () => undefined,
        (e: unknown) => (e instanceof Error ? e.message : "its processes cannot be started"),
      ),
    vet: (code, timeoutMs, signal) => vetIn(versions, code, timeoutMs, signal),
    call: async (code, request) => {
      calls++;
      inFlight++;
      try {
        for (;;) {
          const result = await callOnce(versions, kind, code, request);
          if (result) return result.value;
        }
      } finally {
        inFlight--;
      }
    },
    retire: versions.retire,
    stats: () => ({
      processes: processes.size(),
      standby: standby.size(),
      inFlight,
      calls,
      crashes: processes.crashes(),
    }),
    stop: async () => {
      versions.stop();
      await processes.stop();
      await launcher.then((ready) => ready.dispose()).catch(() => {});
    },
  };
};
