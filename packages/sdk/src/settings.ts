import type { Manifest, Parameter } from "@hitagi/contract";

/** The settings that a plugin takes, by name, as its manifest declares them. */
export type Parameters = NonNullable<Manifest["parameters"]>;

/** The type of a setting's value by the type that its declaration names. */
interface Values {
  bool: boolean;
  int: number;
  string: string;
  secret: string;
}

/** A value, or undefined where nothing is set and the declaration has no default. */
type Value<P extends Parameter> = P extends { default_value: unknown }
  ? Values[P["type"]]
  : Values[P["type"]] | undefined;

/**
 * The values that `ctx.settings` holds. Exact where the plugin's type is given its declaration
 * (`MetadataPlugin<typeof parameters>`); else any setting may be read and has to be converted.
 */
export type Settings<P extends Parameters> = string extends keyof P
  ? { readonly [name: string]: string | number | boolean }
  : { readonly [N in keyof P]: Value<P[N]> };
