import type { Writable } from "node:stream";

/** Bytes that may wait for a process which does not read its input. */
const MAX_UNREAD = 256 * 1024 * 1024;
/** Unread bytes from which on what may be large waits for its turn. */
const ENOUGH_UNREAD = 1024 * 1024;

/** What is on its way into a process. */
export interface Outbox {
  /** Writes bytes with whatever else is sent in the same turn of the event loop. */
  send(bytes: Buffer): void;
  /**
   * Calls `send` once the process has read most of what it was sent, one caller after the other. Settles when that
   * was done, and also where it never will be: the signal aborted, or the process ended.
   */
  inTurn(send: () => void, signal: AbortSignal): Promise<void>;
  /** Lets go of all that waits. */
  stop(): void;
}

/** @param onOverflow called when far too much waits for a process that does not read */
export const createOutbox = (input: Writable, onOverflow: () => void): Outbox => {
  let outgoing: Buffer[] = [];
  let gathered = 0;
  let stopped = false;
  const turns = new Set<() => void>();

  const flush = (): void => {
    const waiting = outgoing;
    outgoing = [];
    gathered = 0;
    const [only] = waiting;
    if (stopped || !only) return;
    const taken = input.write(waiting.length === 1 ? only : Buffer.concat(waiting));
    // Bytes that go out at once are followed by no "drain".
    if (taken) admit();
    else if (input.writableLength > MAX_UNREAD) onOverflow();
  };

  const admit = (): void => {
    for (const turn of turns) {
      if (gathered + input.writableLength > ENOUGH_UNREAD) return;
      turns.delete(turn);
      turn();
    }
  };
  input.on("drain", admit);

  return {
    send: (bytes) => {
      if (stopped) return;
      gathered += bytes.length;
      if (outgoing.push(bytes) === 1) process.nextTick(flush);
    },
    inTurn: (send, signal) =>
      new Promise((resolve, reject) => {
        const turn = (): void => {
          signal.removeEventListener("abort", leave);
          try {
            if (!stopped) send();
            resolve();
          } catch (e) {
            reject(e);
          }
        };
        const leave = (): void => {
          turns.delete(turn);
          resolve();
        };
        if (stopped || signal.aborted) return resolve();
        signal.addEventListener("abort", leave, { once: true });
        turns.add(turn);
        admit();
      }),
    stop: () => {
      stopped = true;
      outgoing = [];
      for (const turn of turns) turn();
      turns.clear();
    },
  };
};
