import { type Static, Type } from "typebox";
import { RefreshFailure } from "./registries.ts";
import { Epoch, Nullable } from "./scalars.ts";

/** The most block lists of a server. */
export const MAX_BLOCK_LISTS = 6;

/** The owner's name for a block list. */
export const BlockListName = Type.String({
  pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
  description: "Your name for the list: letters, digits, `.`, `_` and `-`.",
});

/** A block list that the owner follows. */
export const BlockList = Type.Object({
  name: BlockListName,
  /** An https address, or the path of a file of the server. */
  address: Type.String(),
  /** The key that it must be signed with; null until the list is first loaded, if its owner gave none. */
  key: Nullable(Type.String()),
  /** When it was last loaded; null if it never was: then nothing is installed. */
  loaded: Nullable(Epoch),
  /** Of the loaded edition. */
  sequence: Nullable(Type.Integer()),
  entries: Type.Integer({ minimum: 0 }),
  /** Entries of kinds that this version does not know. */
  ignored: Type.Integer({ minimum: 0 }),
  /** Why the last try to load it failed; the edition before stays. */
  failure: Type.Optional(RefreshFailure),
});
export type BlockList = Static<typeof BlockList>;

/** What a block list says of an installed plugin. */
export const BlockHit = Type.Object({
  namespace: Type.String(),
  version: Type.String(),
  list: Type.String(),
  action: Type.Enum(["block", "warn"]),
  /** What the entry names: `namespace`, `hash`, `address`, `host` or `owner`. */
  kind: Type.Enum(["namespace", "hash", "address", "host", "owner"]),
  reason: Type.String(),
  /** Whether the owner lets the plugin run all the same. */
  allowed: Type.Boolean(),
});
export type BlockHit = Static<typeof BlockHit>;

/** A namespace that no block list counts for. */
export const AllowedPlugin = Type.Object({ namespace: Type.String(), since: Epoch });
