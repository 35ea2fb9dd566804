import { HitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import type { Child } from "../../async/child-process.ts";
import { createDeferred } from "../../async/deferred.ts";
import { FrameError } from "../frames.ts";
import type { CallRequest, PluginCode } from "../types.ts";
import { createHostRequestRelay, createNotificationRelay } from "./host-requests.ts";
import { measureMemory } from "./memory-watch.ts";
import type { FromHarness, ModuleSource } from "./messages.ts";
import { createPendingCalls, type PendingCall } from "./pending-calls.ts";
import { lowerPriority } from "./process-limits.ts";
import { superviseProcess } from "./sandbox-process.ts";

/** A process that runs the harness, and in all its life at most one plugin version. */
export interface PluginProcess {
  readonly pid: number;
  /** Settles when the harness can load a plugin; rejects with an Error if the process ended before. */
  readonly ready: Promise<void>;
  /** Settles once the process has exited. */
  readonly gone: Promise<void>;
  /** Calls that the process has not ended, even if their callers have been answered. */
  inFlight(): number;
  usable(): boolean;
  /** Whether it was given a plugin to load. Before that it runs only the harness. */
  hasPlugin(): boolean;
  /** Evaluates the plugin, once, and answers its manifest. @param source the text of its file @throws HitagiError LOAD_FAILED, PLUGIN_CRASHED */
  load(code: PluginCode, source: string, modules?: readonly ModuleSource[]): Promise<unknown>;
  /**
   * @param budgetMs what is left of the request's time
   * @throws HitagiError PLUGIN_FAILED, PLUGIN_TIMEOUT, PLUGIN_CANCELLED, PLUGIN_CRASHED; CallMoved
   */
  call(code: PluginCode, request: CallRequest, budgetMs: number): Promise<unknown>;
  /** Whether calls that wait behind another one may go to another process; no by default. */
  mayMove: () => boolean;
  /** Takes no new calls and ends with the last one in flight. */
  drain(): void;
  /** Ends it now; its calls fail with PLUGIN_CRASHED and this reason. */
  kill(reason: string): void;
  /** Like `kill`, but counts as a crash: the plugin caused it. */
  crash(reason: string): void;
}

export interface PluginProcessDeps {
  log: Logger;
  graceMs: number;
  /** The process ended without being killed. */
  onCrash(reason: string): void;
}

type StartMessage = Extract<FromHarness, { t: "ready" | "loaded" | "loadFailed" }>;

/** The start of a process: the harness becomes ready and then loads one plugin. Messages out of order are FrameErrors. */
const createStartup = (onReady: () => void) => {
  const ready = createDeferred<void>();
  const loaded = createDeferred<unknown>();
  let state: "starting" | "ready" | "loading" | "loaded" = "starting";

  const advance = (from: typeof state, to: typeof state): void => {
    if (state !== from) throw new FrameError("a message at the wrong time");
    state = to;
  };

  return {
    ready: ready.promise,
    loaded: loaded.promise,
    beginLoad: () => advance("ready", "loading"),
    onMessage: (message: StartMessage): void => {
      if (message.t === "ready") {
        advance("starting", "ready");
        onReady();
        ready.resolve();
        return;
      }
      advance("loading", "loaded");
      if (message.t === "loaded") loaded.resolve(message.manifest);
      else loaded.reject(new HitagiError("LOAD_FAILED", { reason: message.reason }));
    },
    fail: (namespace: string, reason: string): void => {
      ready.reject(new Error(reason));
      loaded.reject(new HitagiError("PLUGIN_CRASHED", { namespace, reason }));
    },
  };
};

/** Speaks the harness's protocol with a process that was just started. */
export const createPluginProcess = (child: Child, deps: PluginProcessDeps): PluginProcess => {
  const log = deps.log.child({ pid: child.pid });
  const startup = createStartup(() => lowerPriority(sandbox.pid));
  let draining = false;
  let killed = false;
  let namespace = "";

  const onEnd = (reason: string, stderr: string): void => {
    if (!killed) {
      log.warn({ reason, stderr, plugin: namespace }, "a plugin's process ended");
      deps.onCrash(reason);
    }
    notifications.stop();
    startup.fail(namespace, reason);
    calls.failAll(reason, !killed);
  };

  /** If an error of the host ended the call, or its folder was full, the caller gets that one, with its hint. */
  const failureOf = ({ id, reason, code }: Extract<FromHarness, { t: "failure" }>): HitagiError => {
    const { lastError, namespace: plugin } = calls.get(id);
    if (code === "PLUGIN_FOLDER_FULL") return new HitagiError(code, { reason });
    if (lastError && lastError.code === code) return lastError;
    return new HitagiError("PLUGIN_FAILED", { namespace: plugin, reason });
  };

  const finish: typeof calls.finish = (id, outcome) => {
    notifications.flush();
    calls.finish(id, outcome);
    if (draining && calls.size() === 0) kill("it was replaced");
  };

  const begun = (id: number): PendingCall => {
    const call = calls.get(id);
    call.begun = true;
    return call;
  };

  const onMessage = (message: FromHarness): void => {
    switch (message.t) {
      case "result":
        finish(message.id, { value: message.value });
        break;
      case "failure":
        log.debug({ plugin: namespace, stack: message.stack }, "a plugin's call failed");
        if (message.stack !== undefined) calls.get(message.id).request.onStack?.(message.stack);
        finish(message.id, { error: failureOf(message) });
        break;
      case "request":
        hostRequests.relay(begun(message.call), message);
        break;
      case "pong":
        calls.onPong();
        break;
      case "abort":
        hostRequests.abort(message.id);
        break;
      case "notification":
        notifications.relay(message.call === 0 ? undefined : begun(message.call), message);
        break;
      default:
        startup.onMessage(message);
    }
  };

  const kill = (reason: string): void => {
    killed = true;
    sandbox.kill(reason);
  };

  const sandbox = superviseProcess(child, { onMessage, onEnd });
  const calls = createPendingCalls({
    send: sandbox.send,
    graceMs: deps.graceMs,
    onStuck: kill,
    onTimeout: () => {
      draining = true;
    },
    mayMove: () => plugin.mayMove(),
  });
  const hostRequests = createHostRequestRelay(sandbox, log);
  const notifications = createNotificationRelay(log);

  const plugin: PluginProcess = {
    pid: sandbox.pid,
    ready: startup.ready,
    gone: sandbox.gone,
    inFlight: calls.size,
    usable: () => sandbox.alive() && !draining,
    hasPlugin: () => namespace !== "",
    load: (code, source, modules = []) => {
      namespace = code.namespace;
      startup.beginLoad();
      const used = modules.length > 0 && { modules };
      sandbox.send({ t: "load", filename: code.filename, source, ...used });
      return startup.loaded;
    },
    call: async (code, request, budgetMs) => {
      if (!sandbox.alive())
        throw new HitagiError("PLUGIN_CRASHED", { namespace, reason: "it ended before the call" });
      const { onMemory } = request;
      if (!onMemory) return calls.run(code, request, budgetMs);
      return calls.run(code, request, budgetMs).finally(measureMemory(sandbox.pid, onMemory));
    },
    drain: () => {
      draining = true;
      if (calls.size() === 0) kill("it was replaced");
    },
    mayMove: () => false,
    kill,
    crash: sandbox.kill,
  };
  return plugin;
};
