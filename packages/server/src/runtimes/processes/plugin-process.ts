import { HitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import { createDeferred } from "../../async/deferred.ts";
import { FrameError } from "../frames.ts";
import type { CallRequest, PluginCode } from "../types.ts";
import { createAskRelay, createNoteRelay } from "./asks.ts";
import { createCalls } from "./calls.ts";
import type { Child } from "./launcher.ts";
import type { FromHarness } from "./messages.ts";
import { lowerPriority } from "./priority.ts";
import { superviseProcess } from "./process.ts";

/** A process that runs the harness, and at most one plugin version in it for all of its life. */
export interface PluginProcess {
  readonly pid: number;
  /** Settles when the harness waits for a plugin; rejects with an Error where the process ended before. */
  readonly ready: Promise<void>;
  /** Settles once the process is gone. */
  readonly gone: Promise<void>;
  /** Calls that the process has not ended, those included whose callers have their answer. */
  inFlight(): number;
  /** Whether new calls may go to it. */
  usable(): boolean;
  /** Evaluates the plugin, once, and answers its manifest. @throws HitagiError LOAD_FAILED, PLUGIN_CRASHED */
  load(code: PluginCode): Promise<unknown>;
  /**
   * @param budgetMs what is left of the request's time
   * @throws HitagiError PLUGIN_FAILED, PLUGIN_TIMEOUT, PLUGIN_CANCELLED, PLUGIN_CRASHED
   */
  call(code: PluginCode, request: CallRequest, budgetMs: number): Promise<unknown>;
  /** Takes no new calls and ends with the last one in flight. */
  drain(): void;
  /** Ends it now; its calls fail with PLUGIN_CRASHED and this reason. */
  kill(reason: string): void;
  /** The same, for something that the plugin did: it counts as a crash. */
  crash(reason: string): void;
}

export interface PluginProcessDeps {
  log: Logger;
  /** A plugin's file as the text that the process takes. */
  sourceText: (source: Buffer) => string;
  graceMs: number;
  /** The process ended, and nobody had told it to. */
  onCrash(reason: string): void;
}

/** Puts the harness's protocol onto a process that was just started. */
export const createPluginProcess = (child: Child, deps: PluginProcessDeps): PluginProcess => {
  const log = deps.log.child({ pid: child.pid });
  const ready = createDeferred<void>();
  const loaded = createDeferred<unknown>();
  let state: "starting" | "ready" | "loading" | "loaded" = "starting";
  let draining = false;
  let told = false;
  let namespace = "";

  const onEnd = (reason: string, stderr: string): void => {
    if (!told) {
      log.warn({ reason, stderr, plugin: namespace }, "a plugin's process ended");
      deps.onCrash(reason);
    }
    ready.reject(new Error(reason));
    loaded.reject(new HitagiError("PLUGIN_CRASHED", { namespace, reason }));
    calls.failAll(reason);
  };

  const onMessage = (message: FromHarness): void => {
    switch (message.t) {
      case "ready":
        expect("starting", "ready");
        ready.resolve();
        break;
      case "loaded":
        expect("loading", "loaded");
        loaded.resolve(message.manifest);
        break;
      case "unloadable":
        expect("loading", "loaded");
        loaded.reject(new HitagiError("LOAD_FAILED", { reason: message.reason }));
        break;
      default:
        onCallMessage(message);
    }
  };

  const expect = (now: typeof state, next: typeof state): void => {
    if (state !== now) throw new FrameError("a message at the wrong time");
    state = next;
  };

  const onCallMessage = (message: Exclude<FromHarness, { t: "ready" | "loaded" | "unloadable" }>): void => {
    switch (message.t) {
      case "result":
        finish(message.id, { value: message.value });
        break;
      case "failure":
        log.debug({ plugin: namespace, stack: message.stack }, "a plugin's call failed");
        finish(message.id, { error: failureOf(message) });
        break;
      case "ask":
        asks.relay(known(message.call), message);
        break;
      case "drop":
        asks.drop(message.id);
        break;
      case "note":
        notes.relay(message.call === 0 ? undefined : known(message.call), message);
    }
  };

  /** Where a refusal of the host ended the call, its owner is told that one, with what to do about it. */
  const failureOf = ({ id, reason, code }: Extract<FromHarness, { t: "failure" }>): HitagiError => {
    const { refused } = known(id);
    return refused && refused.code === code ? refused : new HitagiError("PLUGIN_FAILED", { reason });
  };

  const known = (id: number) => {
    const call = calls.get(id);
    if (!call) throw new FrameError("it spoke of a call that it does not have");
    return call;
  };

  const finish: typeof calls.finish = (id, outcome) => {
    calls.finish(id, outcome);
    if (draining && calls.size() === 0) end("it was replaced");
  };

  const end = (reason: string): void => {
    told = true;
    sandbox.kill(reason);
  };

  const drain = (): void => {
    draining = true;
    if (calls.size() === 0) end("it was replaced");
  };

  const sandbox = superviseProcess(child, { onMessage, onEnd });
  const calls = createCalls({
    send: sandbox.send,
    graceMs: deps.graceMs,
    onStuck: end,
    onTimeout: () => {
      draining = true;
    },
  });
  const asks = createAskRelay(sandbox, log);
  const notes = createNoteRelay(log);

  return {
    pid: sandbox.pid,
    ready: ready.promise,
    gone: sandbox.gone,
    inFlight: calls.size,
    usable: () => sandbox.alive() && !draining,
    load: (code) => {
      namespace = code.namespace;
      expect("ready", "loading");
      lowerPriority(sandbox.pid);
      sandbox.send({ t: "load", filename: code.filename, source: deps.sourceText(code.source) });
      return loaded.promise;
    },
    call: async (code, request, budgetMs) => {
      if (sandbox.alive()) return calls.run(code, request, budgetMs);
      throw new HitagiError("PLUGIN_CRASHED", { namespace, reason: "it ended before the call" });
    },
    drain,
    kill: end,
    crash: sandbox.kill,
  };
};
