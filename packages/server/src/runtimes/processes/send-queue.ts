import type { Writable } from "node:stream";

/** Unread bytes from which on the process counts as not reading. */
const MAX_UNREAD = 256 * 1024 * 1024;
/** Unread bytes from which on large messages wait. */
const HIGH_WATER = 1024 * 1024;

/** The bytes on their way into a process. @param onOverflow called when the process does not read its input */
export const createSendQueue = (input: Writable, onOverflow: () => void) => {
  let outgoing: Buffer[] = [];
  let queuedBytes = 0;
  let stopped = false;
  const waiting = new Set<() => void>();

  const flush = (): void => {
    const batch = outgoing;
    outgoing = [];
    queuedBytes = 0;
    const [first] = batch;
    if (stopped || !first) return;
    const drained = input.write(batch.length === 1 ? first : Buffer.concat(batch));
    // No "drain" follows a write that was taken at once.
    if (drained) admit();
    else if (input.writableLength > MAX_UNREAD) onOverflow();
  };

  const admit = (): void => {
    for (const begin of waiting) {
      if (queuedBytes + input.writableLength > HIGH_WATER) return;
      waiting.delete(begin);
      begin();
    }
  };
  input.on("drain", admit);

  return {
    /** Writes bytes together with everything sent in the same tick. */
    send: (bytes: Buffer): void => {
      if (stopped) return;
      queuedBytes += bytes.length;
      if (outgoing.push(bytes) === 1) process.nextTick(flush);
    },
    /**
     * Calls `send` once the process has read most of its input, for one caller after the other. Settles when that is
     * done, the signal aborts or the process ends.
     */
    sendWhenDrained: (send: () => void, signal: AbortSignal): Promise<void> =>
      new Promise((resolve, reject) => {
        const begin = (): void => {
          signal.removeEventListener("abort", leave);
          try {
            if (!stopped) send();
            resolve();
          } catch (e) {
            reject(e);
          }
        };
        const leave = (): void => {
          waiting.delete(begin);
          resolve();
        };
        if (stopped || signal.aborted) return resolve();
        signal.addEventListener("abort", leave, { once: true });
        waiting.add(begin);
        admit();
      }),
    /** Drops everything that waits. */
    stop: (): void => {
      stopped = true;
      outgoing = [];
      for (const begin of waiting) begin();
      waiting.clear();
    },
  };
};
export type SendQueue = ReturnType<typeof createSendQueue>;
