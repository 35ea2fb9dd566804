import { send } from "./channel.ts";
import type { LiveCall } from "./live-call.ts";

/** The host ends a process that has more asks of one call under way. */
const MAX_ASKING = 32;

interface Pending {
  call: LiveCall;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

const pending = new Map<number, Pending>();
let lastId = 0;

/** Asks the host for something on behalf of a call. Rejects with an Error that has the host's `code`. */
export const ask = async (
  call: LiveCall | undefined,
  capability: string,
  args: unknown,
  signal?: AbortSignal,
): Promise<unknown> => {
  checkOpen(call, capability);
  if (call.asking >= MAX_ASKING) {
    await new Promise<void>((resolve) => call.waiting.push(resolve));
    checkOpen(call, capability);
  }
  signal?.throwIfAborted();
  const id = ++lastId;
  const drop = () => {
    if (pending.has(id)) send({ t: "drop", id });
    settle(id, (p) => p.reject(signal?.reason));
  };
  signal?.addEventListener("abort", drop, { once: true });
  try {
    return await new Promise<unknown>((resolve, reject) => {
      send({ t: "ask", id, call: call.id, capability, args });
      call.asking++;
      pending.set(id, { call, resolve, reject });
    });
  } finally {
    signal?.removeEventListener("abort", drop);
  }
};

/** Only a call asks: code that runs while the plugin loads, or after its call ended, does not. */
function checkOpen(call: LiveCall | undefined, capability: string): asserts call is LiveCall {
  if (!call) throw new Error(`${capability} works only during a call`);
  if (call.ended) throw new Error(`${capability} came after its call had ended`);
  if (call.cancelled) throw call.cancelled;
}

const settle = (id: number, how: (p: Pending) => void): void => {
  const found = pending.get(id);
  if (!found) return;
  pending.delete(id);
  found.call.asking--;
  found.call.waiting.shift()?.();
  how(found);
};

/** The host's answers. One that nobody waits for any more is let go. */
export const answer = (id: number, value: unknown): void => settle(id, (p) => p.resolve(value));
export const refuse = (id: number, code: string, message: string): void =>
  settle(id, (p) => {
    const error = Object.assign(new Error(message), { code });
    refusals.set(error, code);
    p.reject(error);
  });

const refusals = new WeakMap<object, string>();

/** The code of the host's refusal that was thrown, or undefined where it was something else. */
export const refusalCode = (thrown: unknown): string | undefined =>
  typeof thrown === "object" && thrown !== null ? refusals.get(thrown) : undefined;

/** Rejects what a call waits for. */
export const rejectAll = (call: LiveCall, reason: Error): void => {
  for (const [id, p] of [...pending]) if (p.call === call) settle(id, () => p.reject(reason));
  for (const wake of call.waiting.splice(0)) wake();
};
