/** Milliseconds without a sign that a call has begun, after which it may go to another process. */
export const HELD_UP_MS = 1000;
const CHECK_EVERY_MS = 250;

/** Thrown to the caller of a call that has not begun and runs in another process instead. */
export class CallMoved extends Error {}

/** What is known of a call in a process. */
interface WatchedCall {
  readonly id: number;
  readonly settled: boolean;
  begun: boolean;
}

export interface HeldUpCallsDeps<C extends WatchedCall> {
  /** The calls of the process by their ids, oldest first. */
  calls: ReadonlyMap<number, C>;
  ping(): void;
  /** Moves a call to another process. @returns false if there is none for it */
  move(call: C): boolean;
}

/**
 * Finds calls that wait behind one that spins. A process reads its input in order, so its answer to a ping says that all
 * calls before the ping have begun. Without an answer, the oldest call is taken as the one that spins, and the others that
 * have sent nothing yet are moved: they have had no effect. Runs only while a process has several calls.
 */
export const createHeldUpCalls = <C extends WatchedCall>({ calls, ping, move }: HeldUpCallsDeps<C>) => {
  let timer: NodeJS.Timeout | undefined;
  let pinged: { at: number; lastId: number } | undefined;

  const moveWaiting = (lastId: number): void => {
    const [, ...behind] = calls.values();
    for (const call of behind) {
      const waits = !call.begun && !call.settled && call.id <= lastId;
      if (waits && !move(call)) return;
    }
  };

  const check = (): void => {
    timer = undefined;
    if (calls.size < 2) {
      pinged = undefined;
      return;
    }
    if (!pinged) {
      pinged = { at: performance.now(), lastId: Math.max(...calls.keys()) };
      ping();
    } else if (performance.now() - pinged.at >= HELD_UP_MS) moveWaiting(pinged.lastId);
    watch();
  };

  const watch = (): void => {
    if (calls.size > 1) timer ??= setTimeout(check, CHECK_EVERY_MS).unref();
  };

  return {
    /** Called for each new call. */
    watch,
    onPong: (): void => {
      if (!pinged) return;
      for (const call of calls.values()) if (call.id <= pinged.lastId) call.begun = true;
      pinged = undefined;
    },
    stop: (): void => clearTimeout(timer),
  };
};
