import type { NotificationCause, NotificationMessage, Receiver, ReceiverChange } from "@hitagi/contract";
import type { StoredReceiver } from "./document.ts";

export type NewReceiver = Omit<StoredReceiver, "created">;

/** The receivers of notifications, the same on all nodes of a store. */
export interface Receivers {
  list(): Promise<Receiver[]>;
  /** @throws HitagiError RECEIVER_NOT_FOUND */
  find(name: string): Promise<StoredReceiver>;
  /**
   * @returns the receiver, and the signing key if one was made
   * @throws HitagiError RECEIVER_INVALID, RECEIVER_EXISTS
   */
  create(receiver: NewReceiver): Promise<{ receiver: Receiver; secret?: string }>;
  /**
   * Changes what is given. A secret stays, but not for another host.
   * @returns the receiver, and the signing key if one was made
   * @throws HitagiError RECEIVER_NOT_FOUND, RECEIVER_INVALID
   */
  update(name: string, change: ReceiverChange): Promise<{ receiver: Receiver; secret?: string }>;
  /** @throws HitagiError RECEIVER_NOT_FOUND */
  delete(name: string): Promise<void>;
}

/**
 * Sends one message once.
 * @throws HitagiError NOTIFICATION_FAILED; its cause is a {@link DeliveryFault}
 */
export type Send = (
  receiver: StoredReceiver,
  message: NotificationMessage,
  signal: AbortSignal,
) => Promise<void>;

/** Why a message was not taken. */
export class DeliveryFault extends Error {
  /** Whether a later attempt may succeed. */
  readonly isTemporary: boolean;
  /** Seconds that the receiver asks to wait. */
  readonly retryAfter: number | undefined;

  constructor(reason: string, isTemporary: boolean, retryAfter?: number) {
    super(reason);
    this.isTemporary = isTemporary;
    this.retryAfter = retryAfter;
  }
}

/** Gathers what happens, and makes messages of it. */
export interface Notifier {
  /** Returns at once. Something that cannot be stored is logged. */
  tell(cause: NotificationCause, text: string): void;
  /** Looks at once for updates. */
  wake(): void;
  start(): void;
  stop(): Promise<void>;
}
