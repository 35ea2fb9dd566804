import { AsyncLocalStorage } from "node:async_hooks";

/** One call that this process runs. */
export interface LiveCall {
  readonly id: number;
  ended: boolean;
  /** Why it was cancelled, once it was. */
  cancelled: Error | undefined;
  /** Made when the plugin first looks at `signal`. */
  controller: AbortController | undefined;
  /** Asks of this call that the host has not answered. */
  asking: number;
  /** Asks that wait for one of those. */
  readonly waiting: (() => void)[];
  lastProgress: number;
}

const current = new AsyncLocalStorage<LiveCall>();

/** Runs a function so that whatever it does, now or later, is known to belong to the call. */
export const runIn = <T>(call: LiveCall, work: () => T): T => current.run(call, work);

/** The call on whose behalf the code runs that asks; undefined while the plugin loads. */
export const currentCall = (): LiveCall | undefined => current.getStore();

export const newCall = (id: number): LiveCall => ({
  id,
  ended: false,
  cancelled: undefined,
  controller: undefined,
  asking: 0,
  waiting: [],
  lastProgress: 0,
});

/** The call's AbortSignal, which fires when the host cancels it. */
export const signalOf = (call: LiveCall): AbortSignal => {
  call.controller ??= new AbortController();
  if (call.cancelled) call.controller.abort(call.cancelled);
  return call.controller.signal;
};
