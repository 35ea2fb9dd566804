import { type Static, Type } from "typebox";

/**
 * A plugin's identity, in lower case, so that two spellings of one name are one value. The type accepts a lower-case
 * literal and the result of {@link toNamespace}; a plain string does not compile.
 */
export const Namespace = Type.Unsafe<Lowercase<string>>(
  Type.String({ pattern: "^[a-z0-9_-]+$", maxLength: 128 }),
);
export type Namespace = Static<typeof Namespace>;

/** A namespace in a request, a file name or another program's data, in any case. */
export const RawNamespace = Type.String({
  pattern: "^[A-Za-z0-9_-]+$",
  maxLength: 128,
  description: "The namespace of a plugin, in any case.",
});
export type RawNamespace = Static<typeof RawNamespace>;

/** Lower-cases a namespace. Called only where text enters the program. */
export const toNamespace = (raw: RawNamespace): Namespace => raw.toLowerCase() as Namespace;
