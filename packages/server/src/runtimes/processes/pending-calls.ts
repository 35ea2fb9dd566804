import { HitagiError, type Namespace } from "@hitagi/contract";
import { FrameError } from "../frames.ts";
import { type CallRequest, type PluginCode, ProcessCrash } from "../types.ts";
import { CallMoved, createHeldUpCalls } from "./held-up-calls.ts";
import type { ToHarness } from "./messages.ts";

type Outcome = { value: unknown } | { error: HitagiError | CallMoved };

/** A call that the process has not ended. It is settled once its caller has an answer, which may be earlier. */
export interface PendingCall {
  readonly id: number;
  readonly namespace: Namespace;
  readonly request: CallRequest;
  /** Host requests that wait for a response, by number. */
  readonly openRequests: Map<number, AbortController>;
  /** Host requests whose work goes on, aborted ones included. */
  runningRequests: number;
  lastError: HitagiError | undefined;
  settled: boolean;
  /** The process is known to have begun it. */
  begun: boolean;
  /** The call's time limit; after it is settled, the grace period for its end. */
  timer: NodeJS.Timeout | undefined;
  settle(outcome: Outcome): void;
}

export interface PendingCallsDeps {
  /** @throws FrameError if the message is too large */
  send(message: ToHarness): void;
  graceMs: number;
  onStuck(reason: string): void;
  /** A call timed out: the process must get no further ones. */
  onTimeout(): void;
  /** Whether calls that are held up may go to another process; this one then gets no further ones. */
  mayMove(): boolean;
}

/** The calls of one process. Each is answered once, by the first outcome. */
export const createPendingCalls = ({ send, graceMs, onStuck, onTimeout, mayMove }: PendingCallsDeps) => {
  const pending = new Map<number, PendingCall>();
  let lastId = 0;

  const stop = (call: PendingCall): void => {
    send({ t: "cancel", id: call.id });
    call.timer = setTimeout(() => onStuck("a call of it was stopped and did not end"), graceMs);
  };

  const timeOut = (call: PendingCall): void => {
    const seconds = call.request.timeoutMs / 1000;
    call.settle({ error: new HitagiError("PLUGIN_TIMEOUT", { namespace: call.namespace, seconds }) });
    onTimeout();
    if (pending.size > 1) stop(call);
    else onStuck(`a call of it took longer than ${seconds} s`);
  };

  /** Gives a call back to its caller. What is left of it here has no effect, and ends by the call's time limit. */
  const move = (call: PendingCall): boolean => {
    if (!mayMove()) return false;
    call.settle({ error: new CallMoved() });
    send({ t: "cancel", id: call.id });
    call.timer = setTimeout(() => timeOut(call), call.request.timeoutMs);
    return true;
  };

  const heldUp = createHeldUpCalls({ calls: pending, ping: () => send({ t: "ping" }), move });

  const add = (namespace: Namespace, request: CallRequest, answer: (o: Outcome) => void): PendingCall => {
    const onAbort = (): void => {
      call.settle({ error: new HitagiError("PLUGIN_CANCELLED") });
      stop(call);
    };
    const call: PendingCall = {
      id: ++lastId,
      namespace,
      request,
      openRequests: new Map(),
      runningRequests: 0,
      lastError: undefined,
      settled: false,
      begun: false,
      timer: undefined,
      settle: (outcome) => {
        if (call.settled) return;
        call.settled = true;
        clearTimeout(call.timer);
        request.signal?.removeEventListener("abort", onAbort);
        for (const controller of call.openRequests.values()) controller.abort();
        call.openRequests.clear();
        answer(outcome);
      },
    };
    request.signal?.addEventListener("abort", onAbort, { once: true });
    pending.set(call.id, call);
    heldUp.watch();
    return call;
  };

  const begin = (code: PluginCode, request: CallRequest, budgetMs: number, answer: (o: Outcome) => void) => {
    const call = add(code.namespace, request, answer);
    call.timer = setTimeout(() => timeOut(call), budgetMs);
    try {
      send({ t: "call", id: call.id, entry: request.entry, context: request.context });
    } catch (e) {
      if (!(e instanceof FrameError)) throw e;
      pending.delete(call.id);
      const reason = `The call cannot be sent: ${e.message}`;
      call.settle({ error: new HitagiError("PLUGIN_FAILED", { namespace: code.namespace, reason }) });
    }
  };

  /** @throws FrameError for a call that the process does not have */
  const get = (id: number): PendingCall => {
    const call = pending.get(id);
    if (!call) throw new FrameError("a message names a call that the process does not have");
    return call;
  };

  return {
    size: () => pending.size,
    get,
    onPong: heldUp.onPong,
    /** @param budgetMs what is left of the request's time */
    run: (code: PluginCode, request: CallRequest, budgetMs: number): Promise<unknown> =>
      new Promise((resolve, reject) => {
        begin(code, request, budgetMs, (o) => ("error" in o ? reject(o.error) : resolve(o.value)));
      }),
    /** The process ended a call. @throws FrameError as `get` */
    finish: (id: number, outcome: Outcome): void => {
      const call = get(id);
      pending.delete(id);
      clearTimeout(call.timer);
      call.settle(outcome);
    },
    /** @param crashed the plugin is at fault, and not the host that ended its process */
    failAll: (reason: string, crashed: boolean): void => {
      heldUp.stop();
      const origins = [...pending.values()].flatMap(({ request }) => request.origin?.() ?? []);
      const cause = crashed ? new ProcessCrash(reason, origins) : undefined;
      for (const call of pending.values()) {
        clearTimeout(call.timer);
        const params = { namespace: call.namespace, reason };
        call.settle({ error: new HitagiError("PLUGIN_CRASHED", params, { cause }) });
      }
      pending.clear();
    },
  };
};
