import { type Static, Type } from "typebox";
import { Epoch } from "./scalars.ts";

/** The rights of a key. Each scope includes those before it: `read` reads, `use` also runs plugins and adds archives, `manage` has all rights. */
export const scopes = ["read", "use", "manage"] as const;
export const Scope = Type.Enum([...scopes], {
  description: "The rights of a key; each scope includes those before it.",
});
export type Scope = (typeof scopes)[number];

/** Whether a scope includes another one. */
export const includesScope = (has: Scope, needed: Scope): boolean =>
  scopes.indexOf(has) >= scopes.indexOf(needed);

/** The name of the server's first key, which LANraragi's clients use, in lists and in the history. */
export const FIRST_KEY = "api-key";

/** A key's name. It appears in addresses, tables and the history. */
export const KeyName = Type.String({
  pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
  description: "The name of a key.",
});

/** A key in a list. The key itself is shown once, when it is made, and not stored. */
export const KeyInfo = Type.Object({
  /** The public part of the key, which identifies it. */
  id: Type.String(),
  name: KeyName,
  scope: Scope,
  created: Epoch,
  /** The time of its expiry; null for never. */
  expires: Type.Union([Epoch, Type.Null()]),
  /** Its last use, to about a minute; null for never. */
  lastUsed: Type.Union([Epoch, Type.Null()]),
});
export type KeyInfo = Static<typeof KeyInfo>;
