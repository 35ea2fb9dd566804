import { setTimeout as delay } from "node:timers/promises";
import { errorCodeOf, isHitagiError, type NotificationMessage } from "@hitagi/contract";
import type { Documents } from "../documents/documents.ts";
import { outboxDocument } from "./document.ts";
import { DeliveryFault, type Receivers, type Send } from "./types.ts";

/** Seconds before each further attempt; about five hours together. */
const RETRIES_S = [30, 120, 600, 3600, 14_400] as const;
/** The longest wait that a receiver can ask for, in seconds. */
const MAX_RETRY_AFTER_S = 14_400;

export interface DeliverDeps {
  documents: Pick<Documents, "change">;
  receivers: Pick<Receivers, "find">;
  send: Send;
  /** Epoch seconds. */
  now: () => number;
  /** Waits for seconds; rejects when the signal aborts. */
  wait?: (seconds: number, signal: AbortSignal) => Promise<unknown>;
}

/** Delivers a message to a receiver, by its name, with retries. @returns whether it was sent; false if the receiver was removed */
export type Deliver = (name: string, message: NotificationMessage, signal: AbortSignal) => Promise<boolean>;

const waitSeconds = (seconds: number, signal: AbortSignal): Promise<unknown> =>
  delay(seconds * 1000, undefined, { signal, ref: false });

/** The seconds before the next attempt; undefined if there is none. */
const nextWait = (error: unknown, tries: number): number | undefined => {
  const { cause } = error as { cause?: unknown };
  const planned = RETRIES_S[tries];
  if (!(cause instanceof DeliveryFault) || !cause.isTemporary || planned === undefined) return undefined;
  return Math.min(Math.max(planned, cause.retryAfter ?? 0), MAX_RETRY_AFTER_S);
};

/** The receiver is read before each attempt, so that one that was removed gets nothing more, and a corrected one is used. */
export const createDeliver = ({
  documents,
  receivers,
  send,
  now,
  wait = waitSeconds,
}: DeliverDeps): Deliver => {
  const note = (name: string, outcome: string): Promise<unknown> =>
    documents.change(outboxDocument, ({ value }) => ({
      ...value,
      results: { ...value.results, [name]: { at: Math.floor(now()), outcome } },
    }));

  return async (name, message, signal) => {
    for (let tries = 0; ; tries++) {
      try {
        await send(await receivers.find(name), message, signal);
        await note(name, "ok");
        return true;
      } catch (error) {
        if (isHitagiError(error, "RECEIVER_NOT_FOUND")) return false;
        signal.throwIfAborted();
        const seconds = nextWait(error, tries);
        if (isHitagiError(error, "NOTIFICATION_FAILED")) await note(name, errorCodeOf(error));
        if (seconds === undefined) throw error;
        await wait(seconds, signal);
      }
    }
  };
};
