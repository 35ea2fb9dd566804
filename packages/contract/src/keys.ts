import { type Static, Type } from "typebox";
import { Epoch } from "./scalars.ts";

/** What a key may do. Each scope holds those before it: `read` sees, `use` also runs plugins and adds archives, `manage` may do everything. */
export const scopes = ["read", "use", "manage"] as const;
export const Scope = Type.Enum([...scopes]);
export type Scope = (typeof scopes)[number];

/** Whether a key of one scope may do what asks for another. */
export const includesScope = (has: Scope, needed: Scope): boolean =>
  scopes.indexOf(has) >= scopes.indexOf(needed);

/** The name by which the server's first key, which LANraragi's clients use, stands in lists and in the history. */
export const FIRST_KEY = "api-key";

/** A key's name: it stands in addresses, tables and the history. */
export const KeyName = Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" });

/** A key as it is listed; the key itself is shown once, when it is made, and kept nowhere. */
export const KeyInfo = Type.Object({
  /** Public: it is the part of the key that tells which one it is. */
  id: Type.String(),
  name: KeyName,
  scope: Scope,
  created: Epoch,
  /** From when on it is refused; null for never. */
  expires: Type.Union([Epoch, Type.Null()]),
  /** When it was used last, to about a minute; null for never. */
  lastUsed: Type.Union([Epoch, Type.Null()]),
});
export type KeyInfo = Static<typeof KeyInfo>;
