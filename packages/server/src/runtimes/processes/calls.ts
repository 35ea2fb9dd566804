import { HitagiError, type Namespace } from "@hitagi/contract";
import { FrameError } from "../frames.ts";
import type { CallRequest, PluginCode } from "../types.ts";
import { type Asking, abortAsks } from "./asks.ts";
import type { ToHarness } from "./messages.ts";

/** How a call came out. */
export type Outcome = { value: unknown } | { error: HitagiError };

/** A call that the process has not ended. Its caller may have been answered before: it is settled then. */
export interface LiveCall {
  readonly id: number;
  readonly namespace: Namespace;
  readonly request: CallRequest;
  readonly asking: Asking;
  running: number;
  refused: HitagiError | undefined;
  settled: boolean;
  /** The call's time limit, and once it is settled, that of its end. */
  timer: NodeJS.Timeout | undefined;
  settle(outcome: Outcome): void;
}

export interface CallDeps {
  /** @throws FrameError where the message is too large */
  send(message: ToHarness): void;
  /** Milliseconds that a call which was cancelled or ran out of time has to come to its end. */
  graceMs: number;
  /** A call did not come to its end. */
  onStuck(reason: string): void;
  /** A call ran out of time: the process is not to be trusted with further ones. */
  onTimeout(): void;
}

/** The calls of one process: each is answered once, by whatever comes first. */
export const createCalls = ({ send, graceMs, onStuck, onTimeout }: CallDeps) => {
  const live = new Map<number, LiveCall>();
  let lastId = 0;

  /** Tells the plugin to stop; its caller has been answered. */
  const abandon = (call: LiveCall): void => {
    send({ t: "cancel", id: call.id });
    call.timer = setTimeout(() => onStuck("a call of it was stopped and did not end"), graceMs);
  };

  const timeOut = (call: LiveCall): void => {
    const seconds = call.request.timeoutMs / 1000;
    call.settle({ error: new HitagiError("PLUGIN_TIMEOUT", { seconds }) });
    onTimeout();
    if (live.size > 1) abandon(call);
    else onStuck(`a call of it took longer than ${seconds} s`);
  };

  const cancel = (call: LiveCall): void => {
    call.settle({ error: new HitagiError("PLUGIN_CANCELLED") });
    abandon(call);
  };

  const add = (namespace: Namespace, request: CallRequest, answer: (o: Outcome) => void): LiveCall => {
    const onAbort = (): void => cancel(call);
    const call: LiveCall = {
      id: ++lastId,
      namespace,
      request,
      asking: new Map(),
      running: 0,
      refused: undefined,
      settled: false,
      timer: undefined,
      settle: (outcome) => {
        if (call.settled) return;
        call.settled = true;
        clearTimeout(call.timer);
        request.signal?.removeEventListener("abort", onAbort);
        abortAsks(call.asking);
        answer(outcome);
      },
    };
    request.signal?.addEventListener("abort", onAbort, { once: true });
    live.set(call.id, call);
    return call;
  };

  const begin = (code: PluginCode, request: CallRequest, budgetMs: number, answer: (o: Outcome) => void) => {
    const call = add(code.namespace, request, answer);
    call.timer = setTimeout(() => timeOut(call), budgetMs);
    try {
      send({ t: "call", id: call.id, entry: request.entry, context: request.context });
    } catch (e) {
      if (!(e instanceof FrameError)) throw e;
      live.delete(call.id);
      call.settle({
        error: new HitagiError("PLUGIN_FAILED", { reason: `The call cannot be sent: ${e.message}` }),
      });
    }
  };

  return {
    size: () => live.size,
    get: (id: number): LiveCall | undefined => live.get(id),
    /** @param budgetMs what is left of the request's time */
    run: (code: PluginCode, request: CallRequest, budgetMs: number): Promise<unknown> =>
      new Promise((resolve, reject) => {
        begin(code, request, budgetMs, (o) => ("error" in o ? reject(o.error) : resolve(o.value)));
      }),
    /** The process ended a call. @throws FrameError for one that it does not have */
    finish: (id: number, outcome: Outcome): void => {
      const call = live.get(id);
      if (!call) throw new FrameError("it answered a call that it does not have");
      live.delete(id);
      clearTimeout(call.timer);
      call.settle(outcome);
    },
    /** The process ended, and all its calls with it. */
    failAll: (reason: string): void => {
      for (const call of live.values()) {
        clearTimeout(call.timer);
        call.settle({ error: new HitagiError("PLUGIN_CRASHED", { namespace: call.namespace, reason }) });
      }
      live.clear();
    },
  };
};
