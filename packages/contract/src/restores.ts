import { type Static, Type } from "typebox";
import { ErrorReport } from "./error-report.ts";
import { Nullable } from "./scalars.ts";

/** What a backup has, and what of this server its restore replaces. */
export const BackupContent = Type.Object({
  /** RFC 3339, as the backup says it. */
  created: Type.String(),
  /** The version of Hitagi that made it. */
  hitagi: Type.String(),
  /** Bytes of the file, and of what it holds. */
  size: Type.Integer(),
  bytes: Type.Integer(),
  files: Type.Integer(),
  plugins: Type.Integer(),
  /** The archives; null for a backup without them: those of this server stay. */
  archives: Nullable(Type.Integer()),
  /** Files that no backup has. They are left out; the first ones are named. */
  foreign: Type.Object({ count: Type.Integer(), first: Type.Array(Type.String()) }),
  /** Whether the server's own key becomes another one. */
  other_key: Type.Boolean(),
});
export type BackupContent = Static<typeof BackupContent>;

/** A restore that this server carries out when it starts the next time. */
export const WaitingRestore = Type.Object({
  /** `checked`: nothing happens until it is confirmed. `waiting`: the next start carries it out. `failed`: a start tried, and no other will. */
  state: Type.Enum(["checked", "waiting", "failed"]),
  /** When the backup was sent, or the undo was asked for: epoch seconds. */
  since: Type.Integer(),
  /** The backup that is restored; null for an undo, which puts back the data that the last restore set aside. */
  backup: Nullable(BackupContent),
  /** Why a start did not carry it out; null if none tried. One that is `waiting` is tried again. */
  failure: Nullable(ErrorReport),
});
export type WaitingRestore = Static<typeof WaitingRestore>;

/** The restores of this server. */
export const RestoreState = Type.Object({
  restore: Nullable(WaitingRestore),
  /** The data that restores set aside, by the time of the restore, the latest first: epoch seconds. */
  set_aside: Type.Array(Type.Integer()),
  /** The other servers on the same store: all have to be stopped before this one starts. */
  other_servers: Type.Integer(),
});
export type RestoreState = Static<typeof RestoreState>;
