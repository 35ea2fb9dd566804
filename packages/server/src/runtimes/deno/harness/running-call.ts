import { AsyncLocalStorage } from "node:async_hooks";

export interface RunningCall {
  readonly id: number;
  ended: boolean;
  /** The reason, once it was cancelled. */
  cancelled: Error | undefined;
  /** Made when the plugin first reads `signal`. */
  controller: AbortController | undefined;
  /** Host requests that wait for a response. */
  openRequests: number;
  /** Wakes host requests that wait until fewer are open. */
  readonly queued: (() => void)[];
  lastProgress: number;
}

const current = new AsyncLocalStorage<RunningCall>();

/** Runs a function so that everything it starts belongs to the call. */
export const runIn = <T>(call: RunningCall, work: () => T): T => current.run(call, work);

/** The call that the running code belongs to; undefined while the plugin loads. */
export const currentCall = (): RunningCall | undefined => current.getStore();

export const newCall = (id: number): RunningCall => ({
  id,
  ended: false,
  cancelled: undefined,
  controller: undefined,
  openRequests: 0,
  queued: [],
  lastProgress: 0,
});

/** Aborts when the host cancels the call. */
export const signalOf = (call: RunningCall): AbortSignal => {
  call.controller ??= new AbortController();
  if (call.cancelled) call.controller.abort(call.cancelled);
  return call.controller.signal;
};
