import { NotificationCause, NotificationMessage, ReceiverKind, ReceiverName } from "@hitagi/contract";
import { type Static, Type } from "typebox";
import { documentKind } from "../documents/documents.ts";

/** A receiver with its secret, as the owner entered it. */
export const StoredReceiver = Type.Object({
  name: ReceiverName,
  kind: ReceiverKind,
  url: Type.String(),
  secret: Type.Optional(Type.String()),
  from: Type.Optional(Type.String()),
  to: Type.Optional(Type.Array(Type.String())),
  plain: Type.Optional(Type.Boolean()),
  causes: Type.Optional(Type.Array(NotificationCause)),
  created: Type.Number(),
});
export type StoredReceiver = Static<typeof StoredReceiver>;

export const receiversDocument = documentKind(
  "notification-receivers",
  Type.Object({ receivers: Type.Array(StoredReceiver) }),
  { receivers: [] },
  "receivers",
);

/** What is to be told of one cause with the next message. */
const Gathered = Type.Object({
  items: Type.Array(Type.String()),
  /** Items that were left out. */
  more: Type.Integer(),
});

const Outbox = Type.Object({
  /** By cause. */
  gathered: Type.Record(Type.String(), Gathered),
  /** When the last message of a cause was made, epoch seconds. */
  lastMade: Type.Record(Type.String(), Type.Number()),
  /** Messages that were made and are not queued yet. */
  made: Type.Array(NotificationMessage),
  /** What was told and still holds, by cause, so that it is told once. */
  told: Type.Record(Type.String(), Type.Array(Type.String())),
  /** When a cause was last looked for, epoch seconds. */
  lastChecked: Type.Record(Type.String(), Type.Number()),
  /** How the last message to each receiver ended, by name. */
  results: Type.Record(Type.String(), Type.Object({ at: Type.Number(), outcome: Type.String() })),
});
export type Outbox = Static<typeof Outbox>;

export const outboxDocument = documentKind("notification-outbox", Outbox, {
  ...{ gathered: {}, lastMade: {}, made: [], told: {}, lastChecked: {}, results: {} },
});
