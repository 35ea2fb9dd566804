import { type Static, Type } from "typebox";

/** What a plugin may do in the library, each by itself. */
export type LibraryRight = "read" | "write" | "add";

const RIGHTS = {
  read: ["read"],
  write: ["read", "write"],
  add: ["add"],
  "read+add": ["read", "add"],
  "write+add": ["read", "write", "add"],
} as const satisfies Record<string, readonly LibraryRight[]>;

export const libraryAccesses = Object.keys(RIGHTS) as (keyof typeof RIGHTS)[];

/**
 * A plugin's access to the library: `read` searches and reads it, `write` also changes metadata, `add` hands addresses to downloads
 * and does not include `read`.
 */
export const LibraryAccess = Type.Enum(libraryAccesses);
export type LibraryAccess = Static<typeof LibraryAccess>;

export const libraryRights = (access: LibraryAccess | undefined): readonly LibraryRight[] =>
  access === undefined ? [] : RIGHTS[access];

/** The smallest access with these rights; undefined for none. */
export const libraryAccessOf = (rights: readonly LibraryRight[]): LibraryAccess | undefined =>
  libraryAccesses.find(
    (access) => rights.every((right) => libraryRights(access).includes(right)) && rights.length > 0,
  );
