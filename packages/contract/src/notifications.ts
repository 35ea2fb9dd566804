import { type Static, Type } from "typebox";
import { KeyName } from "./keys.ts";
import { Epoch, Nullable } from "./scalars.ts";

/**
 * What a message tells. `jobs`: a batch, or a run of a schedule, failed. `updates`: plugins have updates. `quarantine`: a plugin was
 * quarantined. `library`: files of the library cannot be used. `registries`: a registry changed its keys, moved, or is not trusted any
 * more.
 */
export const notificationCauses = ["jobs", "updates", "quarantine", "library", "registries"] as const;
export const NotificationCause = Type.Enum([...notificationCauses]);
export type NotificationCause = (typeof notificationCauses)[number];

export const receiverKinds = ["webhook", "ntfy", "discord", "slack", "email"] as const;
export const ReceiverKind = Type.Enum([...receiverKinds]);
export type ReceiverKind = (typeof receiverKinds)[number];

/** The name of a receiver. It appears in addresses, tables and the history. */
export const ReceiverName = Type.Unsafe<string>({ ...KeyName, description: "The name of the receiver." });

const MailAddress = Type.String({ pattern: "^[^\\s<>@,;:]+@[^\\s<>@,;:]+$", maxLength: 254 });

/** What makes a receiver. */
export const receiverFields = {
  name: ReceiverName,
  kind: Type.Enum([...receiverKinds], { description: "Which form its messages have." }),
  url: Type.String({
    minLength: 1,
    maxLength: 2048,
    description:
      "Where messages go: an http or https address, of ntfy with the topic; of e-mail `smtp://user@host:587` or `smtps://user@host`.",
  }),
  secret: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 1024,
      description:
        "The signing key of a webhook (made by the server where absent), the token of ntfy, or the password of the mail server.",
    }),
  ),
  from: Type.Optional(Type.Unsafe<string>({ ...MailAddress, description: "The sender of e-mail." })),
  to: Type.Optional(
    Type.Array(MailAddress, { minItems: 1, maxItems: 20, description: "The recipients of e-mail." }),
  ),
  plain: Type.Optional(
    Type.Boolean({
      description: "Whether e-mail is sent without encryption, for a relay in the local network.",
    }),
  ),
  causes: Type.Optional(
    Type.Array(NotificationCause, {
      minItems: 1,
      uniqueItems: true,
      description: "Which messages it gets; all where absent.",
    }),
  ),
};

/** What a change of a receiver gives. What is absent stays, its secret too. */
export const ReceiverChange = Type.Object(
  {
    url: Type.Optional(receiverFields.url),
    secret: Type.Optional(
      Type.Union([Type.String({ minLength: 1, maxLength: 1024 }), Type.Null()], {
        description:
          "Another secret; null for none, of a webhook for a new signing key. Of ntfy and e-mail it must be given where the address gets another host.",
      }),
    ),
    from: receiverFields.from,
    to: receiverFields.to,
    plain: receiverFields.plain,
    causes: Type.Optional(
      Type.Union([Type.Array(NotificationCause, { minItems: 1, uniqueItems: true }), Type.Null()], {
        description: "Which messages it gets; null for all.",
      }),
    ),
  },
  { additionalProperties: false, minProperties: 1 },
);
export type ReceiverChange = Static<typeof ReceiverChange>;

/** A receiver in a list. Its secret and the path of its address, which may be a secret too, are not read back. */
export const Receiver = Type.Object({
  name: Type.String(),
  kind: ReceiverKind,
  /** Without its path: `https://hooks.example.org/…`. */
  address: Type.String(),
  hasSecret: Type.Boolean(),
  from: Type.Optional(Type.String()),
  to: Type.Optional(Type.Array(Type.String())),
  /** Given where e-mail is sent without encryption. */
  plain: Type.Optional(Type.Literal(true)),
  causes: Type.Array(NotificationCause),
  created: Epoch,
  /** The last message that was sent or given up; null before the first. */
  last: Nullable(
    Type.Object({
      at: Epoch,
      /** `ok`, or the code of the failure. */
      outcome: Type.String(),
    }),
  ),
});
export type Receiver = Static<typeof Receiver>;

/** A message, as it is also the body of a webhook. */
export const NotificationMessage = Type.Object({
  /** Of a webhook, the same in each attempt, so that a receiver can leave out a repeated one. */
  id: Type.String(),
  cause: Type.Enum([...notificationCauses, "test"]),
  /** Epoch seconds. */
  time: Type.Number(),
  title: Type.String(),
  items: Type.Array(Type.String()),
  /** How many items were left out. */
  more: Type.Integer(),
});
export type NotificationMessage = Static<typeof NotificationMessage>;
