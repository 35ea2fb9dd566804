import { type Static, Type } from "typebox";

/**
 * A plugin's identity, in lower case, so that two spellings of one name are one value. The type takes a literal in
 * lower case and what {@link toNamespace} returns; a plain string does not compile.
 */
export const Namespace = Type.Unsafe<Lowercase<string>>(
  Type.String({ pattern: "^[a-z0-9_-]+$", maxLength: 128 }),
);
export type Namespace = Static<typeof Namespace>;

/** A namespace as a request, a file name or another program spells it: in any case. */
export const RawNamespace = Type.String({ pattern: "^[A-Za-z0-9_-]+$", maxLength: 128 });
export type RawNamespace = Static<typeof RawNamespace>;

/** The one place where a namespace is lower-cased. Called where text enters the program, and nowhere behind it. */
export const toNamespace = (raw: RawNamespace): Namespace => raw.toLowerCase() as Namespace;
