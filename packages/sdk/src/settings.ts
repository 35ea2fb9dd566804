import type { Manifest } from "./manifest.ts";

/** The settings that a plugin takes, by name, as its manifest declares them. */
export type Parameters = NonNullable<Manifest["parameters"]>;

/** The type of a setting's value, by its declared type. */
interface Values {
  bool: boolean;
  int: number;
  string: string;
  secret: string;
}

/**
 * The type of `ctx.settings`. It is exact if the plugin's type names its declaration
 * (`MetadataPlugin<typeof parameters>`); otherwise any name can be read, as one of the three types. A setting without a
 * value has its default, or else false, 0 or "".
 */
export type Settings<P extends Parameters> = string extends keyof P
  ? { readonly [name: string]: string | number | boolean }
  : { readonly [N in keyof P]: Values[P[N]["type"]] };
