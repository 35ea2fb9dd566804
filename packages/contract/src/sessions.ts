import { type Static, Type } from "typebox";
import { KeyName, Scope } from "./keys.ts";
import { Epoch, Nullable } from "./scalars.ts";

/** The header in which a page sends its session's token with each call that is no GET. */
export const CSRF_HEADER = "x-hitagi-csrf";

/** A browser that is signed in. Its cookie is never read back. */
export const SessionInfo = Type.Object({
  /** Its public part. */
  id: Type.String(),
  /** The key that it was made with: it has that key's rights, and ends with it. */
  key: KeyName,
  scope: Scope,
  created: Epoch,
  /** Its last use, to about an hour. */
  used: Epoch,
  /** When it ends if it is not used before. */
  expires: Epoch,
  /** The browser and its system, as it names them; empty if it does not. */
  device: Type.String(),
  /** Whether it is the session of this request. */
  current: Type.Boolean(),
});
export type SessionInfo = Static<typeof SessionInfo>;

/** What a page knows of the person in front of it. */
export const signedIn = {
  /** Null for a browser that is not signed in. */
  session: Nullable(SessionInfo),
  /** What the page sends in the header `x-hitagi-csrf`; null without a session. */
  csrf: Nullable(Type.String()),
  /**
   * The position of the stream of events now, for `after` of stream_events: a page that begins there misses nothing of what it
   * asks for later. Null without a session.
   */
  eventsAfter: Nullable(Type.String()),
  /** True on the machine of the server itself, until a browser has signed in once. */
  firstVisit: Type.Boolean(),
  /** The file with the server's key, to a first visit; else null. */
  keyFile: Nullable(Type.String()),
};
