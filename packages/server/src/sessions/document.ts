import { type Static, Type } from "typebox";
import { documentKind } from "../documents/documents.ts";

const Proof = Type.String({ maxLength: 64 });

const SessionRecord = Type.Object({
  id: Type.String({ maxLength: 16 }),
  /** The id of its key; null for the server's first key. */
  key: Type.Union([Type.String({ maxLength: 16 }), Type.Null()]),
  /** Its secret, bound to the key. */
  proof: Proof,
  /** The secret before the last rotation, which requests that were under way may still send. */
  previous: Type.Optional(Type.Object({ proof: Proof, until: Type.Integer() })),
  csrf: Type.String({ maxLength: 64 }),
  created: Type.Integer(),
  rotated: Type.Integer(),
  used: Type.Integer(),
  device: Type.String(),
});
export type SessionRecord = Static<typeof SessionRecord>;

const InviteRecord = Type.Object({
  key: Type.Union([Type.String({ maxLength: 16 }), Type.Null()]),
  proof: Proof,
  expires: Type.Integer(),
});

const SessionList = Type.Object({ sessions: Type.Array(SessionRecord), invites: Type.Array(InviteRecord) });
export type SessionList = Static<typeof SessionList>;

/** The browsers that are signed in, on all servers of the store. */
export const sessionDocument = documentKind(
  "sessions",
  SessionList,
  { sessions: [], invites: [] },
  "sessions",
);
