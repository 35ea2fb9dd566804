import { MAX_OPEN_REQUESTS } from "../../protocol-limits.ts";
import { send } from "./channel.ts";
import type { RunningCall } from "./running-call.ts";

interface OpenRequest {
  call: RunningCall;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

const open = new Map<number, OpenRequest>();
let lastId = 0;

/** Requests something of the host on behalf of a call. Rejects with an Error that has the host's `code`. */
export const requestHost = async (
  call: RunningCall | undefined,
  capability: string,
  args: unknown,
  signal?: AbortSignal,
): Promise<unknown> => {
  assertRunning(call, capability);
  if (call.openRequests >= MAX_OPEN_REQUESTS) {
    await new Promise<void>((resolve) => call.queued.push(resolve));
    assertRunning(call, capability);
  }
  signal?.throwIfAborted();
  const id = ++lastId;
  const abort = () => {
    if (open.has(id)) send({ t: "abort", id });
    close(id, (r) => r.reject(signal?.reason));
  };
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await new Promise<unknown>((resolve, reject) => {
      send({ t: "request", id, call: call.id, capability, args });
      call.openRequests++;
      open.set(id, { call, resolve, reject });
    });
  } finally {
    signal?.removeEventListener("abort", abort);
  }
};

/** Code that runs while the plugin loads, or after its call ended, cannot request anything. */
function assertRunning(call: RunningCall | undefined, capability: string): asserts call is RunningCall {
  if (!call) throw new Error(`${capability} works only during a call`);
  if (call.ended) throw new Error(`${capability} came after its call had ended`);
  if (call.cancelled) throw call.cancelled;
}

const close = (id: number, settle: (r: OpenRequest) => void): void => {
  const request = open.get(id);
  if (!request) return;
  open.delete(id);
  request.call.openRequests--;
  request.call.queued.shift()?.();
  settle(request);
};

/** Hands over the host's response. One to an aborted request is ignored. */
export const onResponse = (id: number, value: unknown): void => close(id, (r) => r.resolve(value));

export const onError = (id: number, code: string, message: string): void =>
  close(id, (r) => {
    const error = Object.assign(new Error(message), { code });
    hostErrors.set(error, code);
    r.reject(error);
  });

const hostErrors = new WeakMap<object, string>();

/** The code of a thrown error of the host; undefined for anything else. */
export const hostErrorCode = (thrown: unknown): string | undefined =>
  typeof thrown === "object" && thrown !== null ? hostErrors.get(thrown) : undefined;

export const rejectAll = (call: RunningCall, reason: Error): void => {
  for (const [id, r] of [...open]) if (r.call === call) close(id, () => r.reject(reason));
  for (const wake of call.queued.splice(0)) wake();
};
