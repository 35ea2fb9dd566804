import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, isHitagiError } from "@hitagi/contract";
import { signalOf } from "./io.ts";
import type { Session } from "./session.ts";

/** Milliseconds before the first and, at most, before later reconnects. */
const RETRY = { first: 500, longest: 10_000 };

/** Whether to reconnect: after a lost connection, but not after a refusal. */
const isLost = (error: unknown): boolean =>
  error instanceof ApiError ? error.status >= 500 : isHitagiError(error) || error instanceof TypeError;

/**
 * Shows the messages of a stream until the program is stopped, and reconnects where it broke off.
 * @param open opens the stream after the message with this id; at its start without one
 * @throws what the first connection throws, and a refusal of a later one
 */
export const followStream = async <M extends { id: string | number }>(
  { io, say }: Pick<Session, "io" | "say">,
  open: (after: M["id"] | undefined, signal: AbortSignal) => Promise<AsyncIterable<M>>,
  show: (message: M) => void,
): Promise<void> => {
  const signal = signalOf(io);
  let after: M["id"] | undefined;
  let pause = RETRY.first;
  const follow = async (): Promise<void> => {
    for await (const message of await open(after, signal)) {
      if (after !== undefined && pause > RETRY.first) say("Connected again.");
      after = message.id;
      pause = RETRY.first;
      show(message);
    }
  };
  for (;;) {
    try {
      await follow();
    } catch (error) {
      if (signal.aborted) return;
      if (after === undefined || !isLost(error)) throw error;
    }
    if (signal.aborted) return;
    if (pause === RETRY.first) say("The connection ended; trying again.");
    await sleep(pause, undefined, { signal }).catch(() => {});
    pause = Math.min(pause * 2, RETRY.longest);
  }
};
