import type { Manifest } from "@hitagi/contract";

/** The settings that a plugin takes, by name, as its manifest declares them. */
export type Parameters = NonNullable<Manifest["parameters"]>;

/** The type of a setting's value by the type that its declaration names. */
interface Values {
  bool: boolean;
  int: number;
  string: string;
  secret: string;
}

/**
 * The values that `ctx.settings` holds. Exact where the plugin's type is given its declaration
 * (`MetadataPlugin<typeof parameters>`); else any name may be read, as one of the three kinds. What the owner has not
 * set has its default, or false, 0 or "" where there is none.
 */
export type Settings<P extends Parameters> = string extends keyof P
  ? { readonly [name: string]: string | number | boolean }
  : { readonly [N in keyof P]: Values[P[N]["type"]] };
